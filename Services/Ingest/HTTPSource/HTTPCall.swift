import Events
import Pipelines
import Spool

/// One call that is made again and again, and the datasets that take of its records.
struct HTTPCall: Sendable, Equatable {
    let pipeline: String
    let revision: String
    /// `<pipeline>.<dataset>`, or `<pipeline>.<source>.<call>` where datasets share it.
    let name: String
    /// What is asked for; what datasets take of it does not stand there.
    let source: HTTPSource
    private(set) var datasets: [AppliedDataset]
    /// What each dataset takes; nil for all as it is.
    private(set) var shares: [HTTPShare?]

    private init(_ item: AppliedDataset, _ source: HTTPSource) {
        pipeline = item.pipeline
        revision = item.revision
        name = "\(item.pipeline).\(source.call ?? item.dataset.name)"
        var call = source
        call.share = nil
        self.source = call
        datasets = [item]
        shares = [source.share]
    }

    /// The calls of datasets, each once.
    static func all(of items: [AppliedDataset]) -> [HTTPCall] {
        var calls: [HTTPCall] = []
        for item in items {
            guard case .http(let source) = item.dataset.source else { continue }
            let call = HTTPCall(item, source)
            if let index = calls.firstIndex(where: { $0.name == call.name }) {
                calls[index].datasets += call.datasets
                calls[index].shares += call.shares
            } else {
                calls.append(call)
            }
        }
        return calls
    }

    /// A table that is replaced is replaced by all pages or by none.
    var isWhole: Bool { datasets.contains { $0.dataset.load.mode == .replace } }

    /// The labels of its segments, one for each dataset.
    func labels(on host: String) -> [SegmentLabel] {
        datasets.map { item in
            SegmentLabel(
                pipeline: pipeline, revision: revision, dataset: item.dataset.name, host: host,
                name: "\(item.dataset.name).jsonl")
        }
    }
}
