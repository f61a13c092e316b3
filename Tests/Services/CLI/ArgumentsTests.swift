import Testing

@testable import millrace

/// A verb with one of each kind of option.
private struct Sample: Command {
    let name = "sample"
    let summary = "stand in for a verb"
    let positionals = [
        Positional("FIRST"), Positional("REST", isRequired: false, isRepeatable: true),
    ]
    let options: [Option] = [
        .value("limit", "N", "how many"),
        .value("topic", "TOPIC", "which", isRepeatable: true),
        .flag("wait", "wait for the end"),
    ]
    let topic = Topic.tool
    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode { .done }
}

@Suite("Arguments")
struct ArgumentsTests {
    private func read(
        _ words: String..., environment: [String: String] = [:]
    ) throws -> Arguments {
        try Arguments(words, of: Sample(), environment: environment)
    }

    @Test("hold values, repeated flags, switches and positionals in any order")
    func everything() throws {
        let arguments = try read(
            "a", "--limit", "5", "--topic=x", "b", "--wait", "--topic", "y", "c")
        #expect(arguments.positionals == ["a", "b", "c"])
        try #expect(arguments.integer("limit", default: 1, in: 1...9) == 5)
        #expect(arguments.values("topic") == ["x", "y"])
        #expect(arguments.flag("wait"))
    }

    @Test("take everything behind -- as it is")
    func dashes() throws {
        let arguments = try read("a", "--", "--wait", "-x")
        #expect(arguments.positionals == ["a", "--wait", "-x"])
        #expect(!arguments.flag("wait"))
    }

    @Test(
        "say what is wrong and exit with 2",
        arguments: [
            (["a", "--limt", "5"], "unknown flag `--limt`; did you mean `--limit`?"),
            (["a", "-x"], "unknown flag `-x`"),
            (["a", "--limit"], "`--limit` has no value; write `--limit N`"),
            (["a", "--limit", "1", "--limit", "2"], "`--limit` is given twice"),
            (["a", "--wait=yes"], "`--wait` takes no value"),
            ([], "`FIRST` is missing"),
            (
                ["a", "--format", "xml"],
                "`--format` is `xml`; it must be one of `table`, `json`, `csv`"
            ),
        ])
    func mistakes(words: [String], message: String) {
        let error = #expect(throws: CommandError.self) {
            try Arguments(words, of: Sample(), environment: [:])
        }
        #expect(error?.message == message)
        #expect(error?.exit == .usage)
        #expect(error?.remedy == "millrace sample --help")
    }

    @Test("refuse a number outside its limits")
    func limits() throws {
        let arguments = try read("a", "--limit", "10")
        #expect(throws: CommandError.self) {
            try arguments.integer("limit", default: 1, in: 1...9)
        }
    }

    @Test("find the stack's folder: the flag, then the variable, then .millrace")
    func data() throws {
        let environment = ["MILLRACE_DATA": "/of/variable"]
        try #expect(read("a").data == ".millrace")
        try #expect(read("a", environment: environment).data == "/of/variable")
        try #expect(read("a", "--data", "/x", environment: environment).data == "/x")
    }

    @Test("ask for help before they complain about what is missing")
    func help() throws {
        try #expect(read("--help").flag("help"))
    }
}
