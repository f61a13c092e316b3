import Testing

@testable import millrace

@Suite("The verbs")
struct CommandsTests {
    @Test("have names of their own and fit into one line of the list")
    func names() {
        #expect(Set(Commands.all.map(\.name)).count == Commands.all.count)
        for command in Commands.all {
            #expect(command.name.split(separator: " ").count <= 2)
            #expect(command.summary.count <= 52, "\(command.name): \(command.summary)")
            #expect(!command.summary.hasSuffix("."))
        }
    }

    @Test("declare each option once and only their last positional repeated")
    func declarations() {
        for command in Commands.all {
            let names = command.allOptions.map(\.name)
            #expect(Set(names).count == names.count, "\(command.name)")
            #expect(names.contains("data") && names.contains("help"), "\(command.name)")
            let repeated = command.positionals.dropLast().filter(\.isRepeatable)
            #expect(repeated.isEmpty, "\(command.name)")
        }
    }

    @Test("are all in the help, whose lines fit 80 columns, each with its options")
    func help() throws {
        let help = Help(Commands.all)
        let overview = try help.text(about: "")
        for command in Commands.all {
            #expect(overview.contains("  \(command.name)"))
            let own = help.text(of: command)
            for option in command.allOptions { #expect(own.contains(option.spelling)) }
            for line in own.split(separator: "\n") {
                #expect(line.count <= 80, "\(command.name): \(line)")
            }
        }
    }

    @Test("complete in every shell, each with its options", arguments: Completions.Shell.allCases)
    func completions(shell: Completions.Shell) {
        let script = Completions.script(for: shell, Commands.all)
        for command in Commands.all {
            for word in command.name.split(separator: " ") { #expect(script.contains(word)) }
            for option in command.allOptions { #expect(script.contains(option.name)) }
        }
    }

    @Test("end a mistake with exit code 2 and a refusal to guess")
    func unknownVerb() async {
        let call = CommandLineCall(words: ["versoin"], environment: [:])
        #expect(await call.run(Commands.all) == .usage)
    }

    @Test(
        "may have the options of all verbs before their name",
        arguments: [
            (["--data", "there", "echo", "all", "a"], ["there", "a"]),
            (["--data=there", "echo", "all", "--", "--a"], ["there", "--a"]),
        ])
    func leadingOptions(words: [String], heard: [String]) async {
        let echo = Echo(expected: heard)
        #expect(await CommandLineCall(words: words, environment: [:]).run([echo]) == .done)
    }
}

/// Is done when it was called as expected.
private struct Echo: Command {
    let name = "echo all"
    let summary = "says what it heard"
    let topic = Topic.tool
    let positionals = [Positional("WORD")]
    let options: [Option] = []
    let expected: [String]

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        [arguments.data] + arguments.positionals == expected ? .done : .failed
    }
}

@Suite("The nearest word")
struct NearestTests {
    @Test(
        "is found for a slip and not for anything else",
        arguments: [
            ("versoin", "version"), ("stat", "status"), ("statsu", "status"), ("zebra", nil),
        ])
    func slips(word: String, expected: String?) {
        #expect(nearest(to: word, in: ["version", "status", "up"]) == expected)
    }
}
