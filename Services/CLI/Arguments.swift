import Foundation

/// The words behind a verb, checked against what the verb declares.
struct Arguments: Sendable {
    /// All of them, as they were typed.
    let words: [String]
    /// In order, without flags.
    let positionals: [String]
    private let values: [String: [String]]
    private let declared: Set<String>
    /// Variables of the process: for what is no option, secrets mostly.
    let environment: [String: String]

    /// - Parameter words: What follows the verb; behind `--` nothing is a flag.
    /// - Throws: `CommandError` with exit code 2.
    init(
        _ words: [String], of command: any Command, environment: [String: String]
    ) throws(CommandError) {
        var parser = ArgumentParser(command: command)
        try parser.read(words)
        try parser.checkPositionals()
        self.words = words
        positionals = parser.positionals
        values = parser.values
        declared = Set(command.allOptions.map(\.name))
        self.environment = environment
    }

    /// True when the switch was given.
    func flag(_ name: String) -> Bool { !values(name).isEmpty }

    /// The last value given.
    func value(_ name: String) -> String? { values(name).last }

    /// Every value given, in order.
    func values(_ name: String) -> [String] {
        precondition(declared.contains(name), "option --\(name) is not declared")
        return values[name] ?? []
    }

    /// A whole number within limits.
    func integer(
        _ name: String, default value: Int, in range: ClosedRange<Int>
    ) throws(CommandError) -> Int {
        guard let text = self.value(name) else { return value }
        guard let number = Int(text), range.contains(number) else {
            throw CommandError(
                "--\(name) is `\(text)`; it must be a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound)", exit: .usage)
        }
        return number
    }

    /// The folder of the local stack that the verb is about.
    var data: String { value("data") ?? environment["MILLRACE_DATA"] ?? ".millrace" }
}

/// Reads words into options and positionals.
struct ArgumentParser {
    private let command: any Command
    private(set) var values: [String: [String]] = [:]
    private(set) var positionals: [String] = []

    init(command: any Command) {
        self.command = command
    }

    mutating func read(_ words: [String]) throws(CommandError) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                positionals += rest
                return
            } else if word == "-h" {
                values["help", default: []].append("")
            } else if word.hasPrefix("--") {
                try readOption(word.dropFirst(2), &rest)
            } else if word.hasPrefix("-"), word != "-" {
                throw mistake("unknown flag `\(word)`")
            } else {
                positionals.append(word)
            }
        }
    }

    /// Too many or too few; asked for after `--help` was answered.
    func checkPositionals() throws(CommandError) {
        if values["help"] != nil { return }
        let required = command.positionals.filter(\.isRequired)
        if positionals.count < required.count {
            throw mistake("`\(required[positionals.count].name)` is missing")
        }
        let takesMore = command.positionals.last?.isRepeatable ?? false
        if positionals.count > command.positionals.count, !takesMore {
            throw mistake("`\(positionals[command.positionals.count])` is one word too many")
        }
    }

    private mutating func readOption(
        _ word: Substring, _ rest: inout ArraySlice<String>
    ) throws(CommandError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let option = command.allOptions.first(where: { $0.name == name }) else {
            throw unknown(name)
        }
        if values[name] != nil, !option.isRepeatable, option.value != nil {
            throw mistake("`--\(name)` is given twice")
        }
        values[name, default: []].append(try value(of: option, parts, &rest))
    }

    private func value(
        of option: Option, _ parts: [Substring], _ rest: inout ArraySlice<String>
    ) throws(CommandError) -> String {
        guard option.value != nil else {
            if parts.count > 1 { throw mistake("`--\(option.name)` takes no value") }
            return ""
        }
        guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
            throw mistake("`--\(option.name)` has no value; write `\(option.spelling)`")
        }
        if !option.choices.isEmpty, !option.choices.contains(value) {
            let words = option.choices.map { "`\($0)`" }.joined(separator: ", ")
            throw mistake("`--\(option.name)` is `\(value)`; it must be one of \(words)")
        }
        return value
    }

    private func unknown(_ name: String) -> CommandError {
        let nearest = nearest(to: name, in: command.allOptions.map(\.name))
        return mistake(
            "unknown flag `--\(name)`" + (nearest.map { "; did you mean `--\($0)`?" } ?? ""))
    }

    private func mistake(_ text: String) -> CommandError {
        CommandError(text, exit: .usage, try: "millrace \(command.name) --help")
    }
}
