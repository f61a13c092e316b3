import Events
import Foundation
import Pipelines

/// What is to be erased: the values of some columns, and the datasets that have all of them.
struct EraseKey: Sendable {
    let pipeline: Pipeline
    let pairs: [(column: String, value: String)]
    let datasets: [Dataset]

    /// - Parameter words: Each `COLUMN=VALUE`.
    init(_ words: [String], of pipeline: Pipeline, only dataset: String?) throws(CommandError) {
        self.pipeline = pipeline
        var pairs: [(column: String, value: String)] = []
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw CommandError(
                    "--key is COLUMN=VALUE, and the value is not empty", exit: .usage)
            }
            pairs.append((String(parts[0]), String(parts[1])))
        }
        guard !pairs.isEmpty else {
            throw CommandError("say whose rows: --key COLUMN=VALUE", exit: .usage)
        }
        let names = Set(pairs.map(\.column))
        let datasets = pipeline.datasets.filter { found in
            names.allSatisfy { found.column($0) != nil }
                && (dataset == nil || dataset == found.name)
        }
        guard !datasets.isEmpty else {
            let columns = Set(pipeline.datasets.flatMap { $0.columns.map(\.name) }).sorted()
            let hint = pairs.lazy.compactMap { nearest(to: $0.column, in: columns) }.first
            throw CommandError(
                "no dataset of \(pipeline.name) has \(names.sorted().joined(separator: ", "))"
                    + (hint.map { "; did you mean `\($0)`?" } ?? ""), exit: .usage)
        }
        self.pairs = pairs
        self.datasets = datasets
    }

    var values: [String] { pairs.map(\.value) }

    /// The columns with their values, as a dataset has them.
    func columns(of dataset: Dataset) -> [(column: Column, value: String)] {
        pairs.compactMap { pair in dataset.column(pair.column).map { ($0, pair.value) } }
    }

    /// For the audit: who knows the value can tell that it was this one.
    var marks: [String] {
        pairs.map { "\($0.column)=sha256:" + SHA256.hex(of: Data($0.value.utf8)) }
    }
}

/// What was found, or removed, at one place.
struct EraseFinding: Sendable {
    let place: String
    let what: String
    let count: Int
    /// What becomes of it.
    let action: String

    static func table(_ findings: [EraseFinding]) -> Table {
        var table = Table(
            .init("place", isWhole: true), .init("count", isWhole: true), "what", "action")
        for finding in findings {
            table.add([
                Cell(finding.place), Cell(finding.count), Cell(finding.what), Cell(finding.action),
            ])
        }
        return table
    }
}
