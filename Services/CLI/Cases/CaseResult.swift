import Pipelines

/// What became of one case.
struct CaseResult: Sendable {
    /// One expectation that was not met.
    struct Difference: Sendable {
        let place: PipelineCase.Place
        let message: String
        /// Rows that were expected and are not there; rows that are there and were not expected.
        var expected: [String] = []
        var found: [String] = []
    }

    let name: String
    let place: PipelineCase.Place
    let differences: [Difference]

    var isPassed: Bool { differences.isEmpty }

    /// For people.
    ///
    /// - Parameter folder: What the places' files lie in.
    func text(in folder: String, _ console: Console) -> String {
        guard !isPassed else { return "\(console.paint("✓", .good)) \(Table.clean(name))\n" }
        var lines = ["\(console.paint("✗", .bad)) \(Table.clean(name))"]
        for difference in differences {
            let place = "\(folder)/\(difference.place.file):\(difference.place.line):"
            lines.append("  \(console.paint(place, .dim)) \(Table.clean(difference.message))")
            lines += difference.expected.map { console.paint("    - \(Table.clean($0))", .bad) }
            lines += difference.found.map { console.paint("    + \(Table.clean($0))", .good) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One record for each difference, or one for the case that has none.
    static func table(_ results: [CaseResult]) -> Table {
        var table = Table("case", "passed", "file", "line", "difference", "expected", "found")
        for result in results {
            if result.isPassed {
                table.add([
                    Cell(result.name), Cell(true), Cell(result.place.file),
                    Cell(result.place.line), Cell(Cell.Value.none), Cell(Cell.Value.none),
                    Cell(Cell.Value.none),
                ])
            }
            for difference in result.differences {
                table.add([
                    Cell(result.name), Cell(false), Cell(difference.place.file),
                    Cell(difference.place.line), Cell(difference.message),
                    Cell(difference.expected.joined(separator: "\n")),
                    Cell(difference.found.joined(separator: "\n")),
                ])
            }
        }
        return table
    }
}
