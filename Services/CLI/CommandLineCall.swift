import Events
import Foundation

/// One call of `millrace`: finds the verb, reads its words, runs it, tells what went wrong.
struct CommandLineCall {
    let words: [String]
    let environment: [String: String]

    func run(_ commands: [any Command]) async -> ExitCode {
        do {
            return try await dispatch(commands)
        } catch {
            Console(environment: environment)
                .error(error.message, try: error.remedy ?? "millrace --help")
            return error.exit
        }
    }

    private func dispatch(_ commands: [any Command]) async throws(CommandError) -> ExitCode {
        let help = Help(commands)
        let (front, words) = verbFirst()
        guard let first = words.first, !["--help", "-h", "help"].contains(first) else {
            let topic = words.dropFirst().joined(separator: " ")
            Console(environment: environment).text(try help.text(about: topic))
            return .done
        }
        guard let (command, rest) = find(words, in: commands) else {
            return try explainUnknown(words, commands, help)
        }
        let arguments = try Arguments(front + rest, of: command, environment: environment)
        let console = Console(arguments, environment: environment)
        if arguments.flag("help") {
            console.text(help.text(of: command))
            return .done
        }
        return await perform(command, arguments, console)
    }

    /// Runs a verb. Whatever went wrong ends with one command to type.
    private func perform(
        _ command: any Command, _ arguments: Arguments, _ console: Console
    ) async -> ExitCode {
        let doctor = "millrace doctor\(StackContext.dataFlag(arguments))"
        do {
            return try await command.run(arguments, console)
        } catch let error as CommandError {
            let usual = error.exit == .usage ? "millrace \(command.name) --help" : doctor
            console.error(error.message, try: error.remedy ?? usual)
            return error.exit
        } catch is CancellationError {
            return .interrupted
        } catch let error as any ClassifiedError {
            console.error("\(error)", try: doctor)
            return error.disposition == .permanent ? .failed : .transient
        } catch {
            console.error("\(error)", try: doctor)
            return .failed
        }
    }

    /// The options of all verbs may also stand before the verb.
    private func verbFirst() -> (front: [String], words: [String]) {
        var front: [String] = []
        var rest = words[...]
        while let word = rest.first, let option = Self.leading(word) {
            front.append(rest.removeFirst())
            if option.value != nil, !word.contains("="), let value = rest.popFirst() {
                front.append(value)
            }
        }
        return (front, Array(rest))
    }

    private static func leading(_ word: String) -> Option? {
        Option.common.first { option in
            option.value != nil
                && (word == "--\(option.name)" || word.hasPrefix("--\(option.name)="))
        }
    }

    /// The verb with the most words that the call starts with, and the words behind it.
    private func find(
        _ words: [String], in commands: [any Command]
    ) -> (any Command, [String])? {
        let matches = commands.filter { command in
            let name = command.name.split(separator: " ").map(String.init)
            return Array(words.prefix(name.count)) == name
        }
        let longest = matches.max { $0.name.count < $1.name.count }
        return longest.map { command in
            let count = command.name.split(separator: " ").count
            return (command, Array(words.dropFirst(count)))
        }
    }

    /// A noun without its verb gets the verbs of the noun; anything else is a mistake.
    private func explainUnknown(
        _ words: [String], _ commands: [any Command], _ help: Help
    ) throws(CommandError) -> ExitCode {
        let names = commands.map(\.name)
        if let text = help.text(ofNoun: words[0]) {
            if let second = words.dropFirst().first, !second.hasPrefix("-") {
                throw unknown("\(words[0]) \(second)", in: names, help: "\(words[0]) --help")
            }
            Console(environment: environment).text(text)
            let asked = words.dropFirst().allSatisfy { ["--help", "-h"].contains($0) }
            if asked, words.count > 1 { return .done }
            throw CommandError(
                "`\(words[0])` needs one of the verbs above", exit: .usage,
                try: "millrace \(words[0]) --help")
        }
        throw unknown(
            words[0], in: names.map { String($0.split(separator: " ")[0]) }, help: "--help")
    }

    private func unknown(_ verb: String, in names: [String], help: String) -> CommandError {
        let hint = nearest(to: verb, in: names).map { "; did you mean `\($0)`?" } ?? ""
        return CommandError(
            "there is no verb `\(verb)`\(hint)", exit: .usage, try: "millrace \(help)")
    }
}
