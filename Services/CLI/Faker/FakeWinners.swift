/// Which version of each thing is the newest among a table's good rows: what the warehouse must
/// hold in the end.
///
/// Memory is bounded by the ids that there can be, not by the rows: 8 bytes each, in pages that
/// come with their first row.
struct FakeWinners: Sendable {
    private var pages: [[Int]]

    init(largestID: Int) {
        pages = Array(repeating: [], count: largestID / Self.pageSize + 1)
    }

    /// Takes a row that the pipeline publishes or supersedes.
    mutating func take(_ row: FakeRow) {
        let page = row.id / Self.pageSize
        if pages[page].isEmpty { pages[page] = Array(repeating: 0, count: Self.pageSize) }
        let packed = row.stamp.microseconds << 2 | row.version.rawValue
        let slot = row.id % Self.pageSize
        if packed > pages[page][slot] { pages[page][slot] = packed }
    }

    func contains(_ id: Int) -> Bool {
        let page = pages[id / Self.pageSize]
        return !page.isEmpty && page[id % Self.pageSize] != 0
    }

    /// Calls `body` with each winner, in the order of the ids.
    func forEach(_ body: (_ id: Int, _ version: FakeVersion, _ stamp: Moment) -> Void) {
        for (number, page) in pages.enumerated() {
            for (slot, packed) in page.enumerated() where packed != 0 {
                guard let version = FakeVersion(rawValue: packed & 3) else {
                    preconditionFailure("only versions are packed")
                }
                let id = number * Self.pageSize + slot
                body(id, version, Moment(microseconds: packed >> 2))
            }
        }
    }

    private static let pageSize = 64
}
