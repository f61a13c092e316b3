/// The made-up load of a drill, file by file, and what a correct pipeline makes of it.
///
/// The same seed gives the same files. What is expected is known from here alone; nothing that
/// Millrace writes down is asked.
struct DrillContent: Sendable {
    /// A file of the load.
    struct File: Sendable {
        let table: DrillTable
        let name: String
        let bytes: [UInt8]
        let rows: Int
    }

    let seed: UInt64
    private(set) var files = 0
    /// Records made so far, those that must be rejected among them.
    private(set) var rows: [DrillTable: Int] = [:]
    /// How many must be rejected, by reason.
    private(set) var rejected: [String: Int] = [:]
    /// The winning version of each account; -1 where it has none.
    private var winners = Array(repeating: -1, count: accounts)
    /// With which record of its table each file starts.
    private var starts: [DrillTable: [Int]] = [:]

    /// So few that most of them are updated several times in a long drill.
    private static let accounts = 400_000
    /// The most places that a late record comes behind its own.
    private static let latest = 100_000

    init(seed: UInt64) {
        self.seed = seed
    }

    /// Makes the next file.
    ///
    /// - Parameters:
    ///   - exactly: How many records; nil for a number that follows from the seed.
    ///   - limit: The most records.
    mutating func next(rows exactly: Int? = nil, limit: Int = .max) -> File {
        var generator = SplitMix64(seed: seed, 3, UInt64(files))
        let table: DrillTable = files.isMultiple(of: 2) ? .accounts : .clicks
        let count = exactly ?? min(limit, Self.size(&generator))
        let start = rows[table, default: 0]
        var bytes = Array((DrillRow.columns.joined(separator: ",") + "\n").utf8)
        bytes.reserveCapacity(count * 80)
        for index in start..<start + count { append(index, of: table, to: &bytes) }
        let name = Self.name(table, starts[table, default: []].count)
        starts[table, default: []].append(start)
        rows[table] = start + count
        files += 1
        return File(table: table, name: name, bytes: bytes, rows: count)
    }

    /// All records made so far.
    var total: Int { rows.values.reduce(0, +) }

    /// Hands the row of every key that the table must have to `body`, in the order of the keys.
    func expected(_ table: DrillTable, _ body: (DrillRow) throws -> Void) rethrows {
        switch table {
        case .accounts:
            for (id, version) in winners.enumerated() where version >= 0 {
                try body(DrillRow(table, seed: seed, id: id, version: version))
            }
        case .clicks:
            for index in 0..<rows[table, default: 0] where flaw(table, index) == nil {
                try body(row(index, of: table))
            }
        }
    }

    /// The file that a key's winning record came in; nil when none is expected.
    func file(of id: Int, in table: DrillTable) -> String? {
        guard let place = place(of: id, in: table) else { return nil }
        return starts[table, default: []].lastIndex { $0 <= place }.map { Self.name(table, $0) }
    }

    private func place(of id: Int, in table: DrillTable) -> Int? {
        let all = rows[table, default: 0]
        guard table == .accounts else { return (0..<all).contains(id) ? id : nil }
        guard winners.indices.contains(id), winners[id] >= 0 else { return nil }
        let wanted = DrillRow(table, seed: seed, id: id, version: winners[id])
        // A late record stands behind the place that its version names.
        return (wanted.version..<min(all, wanted.version + Self.latest + 1)).first { index in
            row(index, of: table) == wanted && flaw(table, index) == nil
        }
    }

    /// The last record that was made and is to be published.
    func lastGood(_ table: DrillTable) -> DrillRow? {
        let all = rows[table, default: 0]
        return (0..<all).reversed().first { flaw(table, $0) == nil }.map { row($0, of: table) }
    }

    private mutating func append(_ index: Int, of table: DrillTable, to bytes: inout [UInt8]) {
        let row = row(index, of: table)
        let flaw = flaw(table, index)
        row.append(to: &bytes, separator: UInt8(ascii: ","), flaw: flaw)
        if let flaw {
            rejected[flaw.reason, default: 0] += 1
        } else if table == .accounts {
            winners[row.id] = max(winners[row.id], row.version)
        }
    }

    private func row(_ index: Int, of table: DrillTable) -> DrillRow {
        guard table == .accounts else {
            return DrillRow(table, seed: seed, id: index, version: index)
        }
        var generator = SplitMix64(seed: seed, 4, UInt64(index))
        let id = generator.integer(0...Self.accounts - 1)
        // Some come late: a newer version may be in the table already.
        let delay = generator.chance(0.05) ? generator.integer(1...Self.latest) : 0
        return DrillRow(table, seed: seed, id: id, version: max(0, index - delay))
    }

    private func flaw(_ table: DrillTable, _ index: Int) -> DrillFlaw? {
        var generator = SplitMix64(seed: seed, table == .accounts ? 5 : 6, UInt64(index))
        guard generator.chance(0.01) else { return nil }
        return generator.pick(DrillFlaw.allCases)
    }

    /// Most files are small, most records are in large ones.
    private static func size(_ generator: inout SplitMix64) -> Int {
        switch generator.integer(0...9) {
        case 0...4: generator.integer(1...2_000)
        case 5...7: generator.integer(5_000...15_000)
        default: generator.integer(20_000...50_000)
        }
    }

    private static func name(_ table: DrillTable, _ number: Int) -> String {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, 6 - digits.count))
        return "\(table)-\(zeros)\(digits).csv"
    }
}
