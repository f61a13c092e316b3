import Foundation

/// Writes made-up traffic of a pipeline, with its known answers.
struct Faker: Command {
    let name = "faker"
    let summary = "make up dirty files, with their known answers"
    let topic = Topic.data
    let positionals = [Positional("goodreads")]
    let options: [Option] = [
        .value("seed", "N", "the same seed gives the same bytes; 1 by default"),
        .value("rows", "N", "records, a row each in four files; 1000 by default"),
        .value("dirty", "SHARE", "records with something odd, as 1% or 0.01; 1% by default"),
        .value("things", "N", "largest id of users, books, authors; 100000 by default"),
        .value("day", "DATE", "the day of the traffic; 2020-02-11 by default"),
        .choice("format", FakeFormat.allCases.map(\.rawValue), "of the files; csv by default"),
        .value(
            "out", "DIR", "where the files go; the current folder by default",
            completion: .folders),
    ]
    let details = """
        Writes author, book, reviews and user files as the GoodReads collector does, and
        answers.json: for each file the rejects by reason, the rows that its table must
        have, and checksums. Odd are: missing ids, missing and bad times, bad dates,
        numbers that are none, values out of range, the text None, rows that come twice,
        versions older or newer than the day. Line breaks in addresses are not odd.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        guard arguments.positionals[0] == "goodreads" else {
            throw CommandError(
                "no traffic is known for `\(arguments.positionals[0])`, only for `goodreads`",
                exit: .usage, try: "millrace faker goodreads")
        }
        let faker = try faker(arguments)
        let folder = URL(filePath: arguments.value("out") ?? ".", directoryHint: .isDirectory)
        let answers = try faker.write(to: folder) { done in
            console.progress("\(done) of \(faker.rows) records")
        }
        console.endProgress()
        for table in FakeTable.allCases {
            guard let facts = answers.tables[table] else { continue }
            console.line(Self.sentence(table, facts, in: folder))
        }
        return .done
    }

    private func faker(_ arguments: Arguments) throws(CommandError) -> GoodreadsFaker {
        let dayText = arguments.value("day") ?? "2020-02-11"
        guard let day = Moment(day: dayText) else {
            throw CommandError(
                "--day is `\(dayText)`; it must be a date such as 2020-02-11", exit: .usage)
        }
        let format = arguments.value("format").flatMap(FakeFormat.init(rawValue:)) ?? .csv
        return GoodreadsFaker(
            seed: UInt64(try arguments.integer("seed", default: 1, in: 0...Int.max)),
            rows: try arguments.integer(
                "rows", default: 1000, in: 1...GoodreadsFaker.largestRows),
            dirty: try Self.share(arguments.value("dirty") ?? "1%", of: "dirty"), day: day,
            format: format,
            things: try arguments.integer(
                "things", default: 100_000, in: 0...GoodreadsFaker.largestRows))
    }

    /// Reads `1%` and `0.01` alike.
    static func share(_ text: String, of option: String) throws(CommandError) -> Double {
        let isPercent = text.hasSuffix("%")
        let number = Double(isPercent ? text.dropLast() : text[...]).map {
            isPercent ? $0 / 100 : $0
        }
        guard let number, (0...1).contains(number) else {
            throw CommandError(
                "--\(option) is `\(text)`; it must be a share such as 1% or 0.01", exit: .usage)
        }
        return number
    }

    private static func sentence(
        _ table: FakeTable, _ facts: FakeAnswers.Table, in folder: URL
    ) -> String {
        let rejected = facts.rejected.values.reduce(0, +)
        return "\(folder.appending(path: facts.file).path): \(facts.read) rows; must become "
            + "\(facts.winners) \(table.rawValue), \(rejected) rejected"
    }
}
