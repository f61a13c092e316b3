import Foundation

/// A day of GoodReads traffic that nobody has had: four files as the original collector writes
/// them, and the answers that a correct pipeline gives about them.
///
/// One record of the traffic is a review with its user, its book and the book's author: a row in
/// each file. The same plan gives the same bytes.
struct GoodreadsFaker: Sendable {
    let seed: UInt64
    /// Records, hence rows of each file, duplicates and versions not counted.
    let rows: Int
    /// The share of the records that have something odd about them.
    let dirty: Double
    let day: Moment
    let format: FakeFormat
    /// The largest id of users, books and authors: fewer of them are met more often.
    var things = 100_000

    static let largestRows = 10_000_000

    /// Writes the four files and `answers.json` into `folder`, which is made if need be.
    ///
    /// - Parameter progress: Called with the records done so far, now and then.
    func write(to folder: URL, progress: (Int) -> Void = { _ in }) throws -> FakeAnswers {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let world = FakeWorld(seed: seed, day: day, things: things)
        var files = try FakeFiles(world, format: format, in: folder)
        var traffic = FakeTraffic(plan: self, world: world)
        for index in 0..<rows {
            try traffic.next { try files.write($1, of: world, to: $0) }
            if index.isMultiple(of: 4096) { progress(index) }
        }
        let answers = try answers(files, world)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(answers).write(to: folder.appending(path: Self.answersName))
        return answers
    }

    static let answersName = "answers.json"

    private func answers(
        _ files: consuming FakeFiles, _ world: FakeWorld
    ) throws -> FakeAnswers {
        let orphans = files.orphans(in: world)
        var name: [UInt8] = []
        day.appendStamp(to: &name)
        return FakeAnswers(
            seed: seed, rows: rows, dirty: dirty,
            day: String(decoding: name.prefix(10), as: UTF8.self), format: format, things: things,
            tables: try files.finish(world), orphans: orphans)
    }
}
