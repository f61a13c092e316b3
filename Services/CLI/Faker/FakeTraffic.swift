/// The records of a day, one after the other: which review came when, and what was odd about it.
struct FakeTraffic: Sendable {
    private let plan: GoodreadsFaker
    private let world: FakeWorld
    private var generator: SplitMix64
    private var index = 0
    /// Records are so far apart that no two rows of a table have one stamp, but for duplicates.
    private let apart: Int

    init(plan: GoodreadsFaker, world: FakeWorld) {
        self.plan = plan
        self.world = world
        generator = SplitMix64(seed: plan.seed, 0)
        apart = Moment.day / max(1, plan.rows)
    }

    /// Hands the rows of the next record to `emit`.
    mutating func next(_ emit: (FakeTable, FakeRow) throws -> Void) rethrows {
        let review = generator.integer(0...world.largestID(.reviews))
        let moment = world.day.microseconds + index * apart + generator.integer(0...apart - 5)
        let dirt = generator.chance(plan.dirty) ? Dirt(using: &generator) : nil
        index += 1
        let parents = world.parents(ofReview: review)
        try rows(.authors, parents.author, moment, dirt, emit)
        try rows(.books, parents.book, moment, dirt, emit)
        try rows(.users, parents.user, moment, dirt, emit)
        try rows(.reviews, review, moment, dirt, emit)
    }

    /// The row of one table, with the second one that some dirt brings.
    private func rows(
        _ table: FakeTable, _ id: Int, _ moment: Int, _ dirt: Dirt?,
        _ emit: (FakeTable, FakeRow) throws -> Void
    ) rethrows {
        var row = FakeRow(id: id, stamp: Moment(microseconds: moment + table.stampMicroseconds))
        switch dirt {
        case .fault(let fault, table):
            row.fault = fault
            try emit(table, row)
        case .duplicate(table):
            try emit(table, row)
            try emit(table, row)
        case .olderVersion(table):
            try emit(table, row)
            try emit(table, row.in(.older))
        case .newerVersion(table):
            try emit(table, row.in(.newer))
            try emit(table, row)
        default:
            try emit(table, row)
        }
    }
}

extension FakeRow {
    /// The row about the same thing in another version.
    fileprivate func `in`(_ version: FakeVersion) -> FakeRow {
        FakeRow(
            id: id, version: version,
            stamp: Moment(microseconds: stamp.microseconds + version.shiftDays * Moment.day))
    }
}
