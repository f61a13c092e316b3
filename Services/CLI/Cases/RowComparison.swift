import Pipelines

/// Compares rows that were expected with rows that were found, as the engine spells both.
struct RowComparison {
    typealias Row = [String: String]

    let table: PipelineCase.Table
    /// The expected rows, with their values as the engine spells them.
    let expected: [Row]
    let found: [Row]

    /// Nil when the rows are as they should be.
    var difference: CaseResult.Difference? {
        let (missing, surplus) = table.isOrdered ? inOrder : inAnyOrder
        guard !missing.isEmpty || !surplus.isEmpty else { return nil }
        let place = missing.first.map { table.rows[$0].place } ?? table.place
        return CaseResult.Difference(
            place: place,
            message: "\(table.name) has \(found.count) rows, \(surplus.count) of them not as "
                + "expected; \(missing.count) of the \(expected.count) expected are missing",
            expected: missing.map { shown(expected[$0], columns(of: $0)) },
            found: surplus.map { shown(found[$0], allColumns) })
    }

    private var inOrder: (missing: [Int], surplus: [Int]) {
        let both = zip(expected.indices, found.indices).filter { !fits($0, $1) }
        return (
            both.map(\.0) + Array(expected.indices.dropFirst(found.count)),
            both.map(\.1) + Array(found.indices.dropFirst(expected.count))
        )
    }

    private var inAnyOrder: (missing: [Int], surplus: [Int]) {
        var left = Array(found.indices)
        var missing: [Int] = []
        // What says most finds its row first.
        let order = expected.indices.sorted {
            (table.rows[$1].values.count, $0) < (table.rows[$0].values.count, $1)
        }
        for index in order {
            if let match = left.firstIndex(where: { fits(index, $0) }) {
                left.remove(at: match)
            } else {
                missing.append(index)
            }
        }
        return (missing.sorted(), left)
    }

    private func fits(_ expectation: Int, _ row: Int) -> Bool {
        columns(of: expectation).allSatisfy { expected[expectation][$0] == found[row][$0] }
    }

    private func columns(of index: Int) -> [String] { table.rows[index].values.map(\.column) }

    private var allColumns: [String] {
        var seen: Set<String> = []
        let named = table.rows.flatMap { $0.values.map(\.column) }.filter {
            seen.insert($0).inserted
        }
        return named.isEmpty ? (found.first?.keys.sorted() ?? []) : named
    }

    private func shown(_ row: Row, _ columns: [String]) -> String {
        columns.map { "\($0): \(row[$0].map(Self.short) ?? "null")" }.joined(separator: ", ")
    }

    /// A decimal without the zeros that its column has behind it.
    private static func short(_ text: String) -> String {
        guard text.wholeMatch(of: /-?[0-9]+\.[0-9]{9}/) != nil else { return text }
        var short = text[...]
        while short.last == "0" { short.removeLast() }
        return String(short.last == "." ? short.dropLast() : short)
    }
}
