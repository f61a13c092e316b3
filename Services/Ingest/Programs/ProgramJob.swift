import Pipelines

/// What one program serves: a dataset with a command, or those that share a tap.
struct ProgramJob: Sendable {
    /// `<pipeline>.<dataset>`: what the notes of its state are kept under.
    let name: String
    let program: SourceProgram
    /// In the pipeline's order; the first one names it in messages.
    private(set) var items: [AppliedDataset]

    /// The jobs of all datasets whose sources run programs.
    static func all(_ datasets: [AppliedDataset]) -> [ProgramJob] {
        var jobs: [ProgramJob] = []
        for item in datasets {
            switch item.dataset.source {
            case .files, .http: continue
            case .command(let program):
                jobs.append(ProgramJob(name: item.name, program: program, items: [item]))
            case .singer(let source):
                let name = "\(item.pipeline).\(source.tap)"
                if let index = jobs.firstIndex(where: { $0.name == name }) {
                    jobs[index].items.append(item)
                } else {
                    jobs.append(ProgramJob(name: name, program: source.program, items: [item]))
                }
            }
        }
        return jobs
    }

    /// Whether a run for the one is a run for the other: what is behind the spool does not matter.
    func isSame(as other: ProgramJob) -> Bool {
        name == other.name && program == other.program && items.count == other.items.count
            && zip(items, other.items).allSatisfy { one, other in
                one.dataset.name == other.dataset.name
                    && one.dataset.source == other.dataset.source
                    && one.dataset.format == other.dataset.format
                    && one.dataset.load.mode == other.dataset.load.mode
            }
    }
}

extension AppliedDataset {
    /// `<pipeline>.<dataset>`
    var name: String { "\(pipeline).\(dataset.name)" }
}
