import Engine
import Pipelines

/// Which columns name a row of a file, as far as the file itself shows.
struct KeyGuess {
    let columns: [String]
    let newestBy: String?
    let reason: String

    /// - Parameters:
    ///   - columns: In the order of the survey's fields.
    ///   - dataset: The dataset's name.
    static func find(
        _ columns: [ColumnGuess], in survey: FileSurvey, dataset: String, _ surveyor: FileSurveyor
    ) async throws -> KeyGuess {
        let records = survey.records
        func isComplete(_ column: ColumnGuess) -> Bool {
            column.canBeKey && column.field.filled == records && records > 1
        }
        let complete = columns.filter(isComplete)
        let unique = complete.filter { $0.field.distinct == records }
        if let column = unique.first(where: \.namesThings) {
            return KeyGuess(
                columns: [column.name], newestBy: nil,
                reason: "each of the \(records) records has another \(column.name)")
        }
        if let versions = versions(complete, columns, records, dataset) { return versions }
        if let column = unique.first(where: isTelling(columns)) {
            return guess([column], records, "each of the \(records) records has another")
        }
        let groups = groups(complete)
        let places = groups.map { group in
            group.compactMap { column in columns.firstIndex { $0.name == column.name } }
        }
        let answers = try await surveyor.areUnique(places)
        if let index = answers.firstIndex(of: true) {
            return guess(groups[index], records, "no two of the \(records) records have the same")
        }
        return KeyGuess(
            columns: [], newestBy: nil,
            reason: "no column, and no few together, name a record; a file sent twice counts once")
    }

    /// A key, or only a hint where it may be chance: a wrong key would lose rows.
    private static func guess(
        _ columns: [ColumnGuess], _ records: Int, _ what: String
    ) -> KeyGuess {
        let names = columns.map(\.name)
        let words = "\(what) \(names.joined(separator: " and "))"
        let isSure =
            records >= 1_000 || records >= 20 && !columns.contains { $0.type == .timestamp }
        if isSure { return KeyGuess(columns: names, newestBy: nil, reason: words) }
        let list = names.count == 1 ? names[0] : "[\(names.joined(separator: ", "))]"
        return KeyGuess(
            columns: [], newestBy: nil,
            reason: "\(words): if that is no chance, {mode: merge, key: \(list)}")
    }

    /// A number names a record only where it comes first: others are measured.
    private static func isTelling(_ columns: [ColumnGuess]) -> (ColumnGuess) -> Bool {
        { column in
            let isTime = [.timestamp, .timestamptz].contains(column.type)
            return !isTime && (column.type != .bigint || column.name == columns.first?.name)
        }
    }

    /// The same thing several times, with a time that says which is newest.
    private static func versions(
        _ complete: [ColumnGuess], _ columns: [ColumnGuess], _ records: Int, _ dataset: String
    ) -> KeyGuess? {
        let own = dataset.hasSuffix("s") ? String(dataset.dropLast()) : dataset
        let names = ["id", "\(own)_id", "\(dataset)_id"]
        let first = columns.first.map { $0.namesThings ? [$0.name] : [] } ?? []
        guard let key = complete.first(where: { (names + first).contains($0.name) }) else {
            return nil
        }
        let times = columns.filter {
            [.date, .timestamp, .timestamptz].contains($0.type) && $0.field.filled == records
        }
        let words = ["updat", "modif", "chang", "creat"]
        let newest = words.lazy.compactMap { word in times.first { $0.name.contains(word) } }.first
        return newest.map {
            KeyGuess(
                columns: [key.name], newestBy: $0.name,
                reason: "\(key.name) comes again (\(key.field.distinct) in \(records) records), "
                    + "and \($0.name) says which is newest")
        }
    }

    /// Pairs, then triples, of what could name a record together.
    private static func groups(_ complete: [ColumnGuess]) -> [[ColumnGuess]] {
        func rank(_ column: ColumnGuess) -> Int {
            if column.namesThings { return 0 }
            return column.type == .text ? 2 : column.type == .bigint ? 3 : 1
        }
        let few = complete.filter { rank($0) < 3 && $0.field.distinct > 1 }
            .enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
            .prefix(7).map(\.element)
        var pairs: [[ColumnGuess]] = []
        var triples: [[ColumnGuess]] = []
        for (i, first) in few.enumerated() {
            for (j, second) in few.enumerated().dropFirst(i + 1) {
                pairs.append([first, second])
                for third in few.dropFirst(j + 1) { triples.append([first, second, third]) }
            }
        }
        return pairs + triples
    }
}
