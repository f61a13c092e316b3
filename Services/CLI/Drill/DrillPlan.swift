import Events
import Stack

/// What a drill is asked to do.
struct DrillPlan: Sendable {
    let name: String
    let seed: UInt64
    /// Nil where the drill's own habit decides.
    let rows: Int?
    let duration: Duration?
    let isKept: Bool
    let folder: StackFolder
    /// ` --data DIR` where a command to type needs it.
    let dataFlag: String
    let arguments: Arguments
    /// The name of its pipeline, which nothing else has.
    let pipeline: String
    private let given: String

    static let storm = "storm"

    /// - Throws: `CommandError` for a name or an option that makes no sense.
    init(_ arguments: Arguments) throws(CommandError) {
        guard let name = arguments.positionals.first else {
            throw CommandError(
                "which drill?", exit: .usage, try: "millrace drill --list")
        }
        let names = DrillFaults.all.map(\.name) + [Self.storm]
        guard names.contains(name) else {
            let hint = nearest(to: name, in: names).map { "; did you mean `\($0)`?" } ?? ""
            throw CommandError(
                "there is no drill `\(name)`\(hint)", exit: .usage, try: "millrace drill --list")
        }
        self.name = name
        self.arguments = arguments
        pipeline = "drill_\(ULID().description.suffix(10).lowercased())"
        // Another one each time, and printed: what one seed does not find the next may.
        let fresh = Int.random(in: 1...999_999)
        seed = UInt64(try arguments.integer("seed", default: fresh, in: 0...Int.max))
        let limit = 100_000_000
        rows =
            arguments.value("rows") == nil
            ? nil : try arguments.integer("rows", default: 0, in: 1...limit)
        duration = try arguments.value("for").map(Self.duration)
        isKept = arguments.flag("keep")
        folder = StackFolder(arguments.data)
        dataFlag = StackContext.dataFlag(arguments)
        given = ["rows", "for"].compactMap { option in
            arguments.value(option).map { " --\(option) \($0)" }
        }.joined()
    }

    /// The call that repeats it.
    var command: String { "millrace drill \(name) --seed \(seed)\(given)\(dataFlag)" }

    /// Reads `30s`, `10m` and `1h`.
    private static func duration(_ text: String) throws(CommandError) -> Duration {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int(text.dropLast()),
            (1...86_400).contains(number)
        else {
            throw CommandError(
                "--for is `\(text)`; it must be a time such as 30s or 10m", exit: .usage)
        }
        return .seconds(number * unit)
    }
}
