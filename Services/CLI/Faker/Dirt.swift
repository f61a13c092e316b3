/// What is odd about one record of the traffic: a fault in one of its four rows, or a second row
/// for one of them.
enum Dirt: Sendable {
    case fault(Fault, FakeTable)
    /// The row comes twice, byte for byte.
    case duplicate(FakeTable)
    /// A version from the day before follows; it must lose.
    case olderVersion(FakeTable)
    /// A version from the day after comes first; it must win over all of this day.
    case newerVersion(FakeTable)

    /// One kind or another, each as likely; then a table that can have it.
    init(using generator: inout SplitMix64) {
        let table = generator.pick(FakeTable.allCases)
        switch generator.integer(0...5) {
        case 0: self = .duplicate(table)
        case 1: self = .olderVersion(table)
        case 2: self = .newerVersion(table)
        default: self = .fault(generator.pick(table.faults), table)
        }
    }
}
