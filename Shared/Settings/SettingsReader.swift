import Foundation

/// All that is wrong with the settings of a process, at once.
public struct SettingsError: Error, CustomStringConvertible {
    /// One sentence each, with the name and the fix.
    public let mistakes: [String]

    public var description: String {
        mistakes.map { "settings: \($0)" }.joined(separator: "\n")
    }
}

/// Reads settings from flags (`--name value`, `--name=value`) and from the environment
/// (`MILLRACE_NAME`, or `MILLRACE_NAME_FILE` for a secret); a flag wins.
///
/// It collects mistakes instead of stopping at the first; `finish()` throws them all.
public struct SettingsReader {
    private let environment: [String: String]
    private var flags: [String: String] = [:]
    private var known: [(name: String, help: String, shown: String)] = []
    private var mistakes: [String] = []
    /// True when `--help` was among the arguments.
    public private(set) var wantsHelp = false

    /// - Parameter arguments: Without the program's name.
    public init(arguments: [String], environment: [String: String]) {
        self.environment = environment
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--help" || argument == "-h" {
                wantsHelp = true
            } else if argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") {
                let name = argument[..<equals].dropFirst(2)
                flags[String(name)] = String(argument[argument.index(after: equals)...])
            } else if argument.hasPrefix("--"), let value = rest.first, !value.hasPrefix("--") {
                flags[String(argument.dropFirst(2))] = value
                rest = rest.dropFirst()
            } else {
                mistakes.append("`\(argument)` has no value; write `\(argument) VALUE`")
            }
        }
    }

    /// A text. Without a default it is required.
    ///
    /// - Parameter name: Lower case with dashes, e.g. `broker-url`: the flag `--broker-url`, the
    ///   variable `MILLRACE_BROKER_URL`.
    public mutating func text(_ name: String, default value: String? = nil, help: String) -> String
    {
        known.append((name, help, value.map { "default: \($0)" } ?? "required"))
        if let given = given(name) { return given }
        if value == nil {
            mistakes.append(
                "`\(name)` is missing: set \(Self.variable(name)) or --\(name) (\(help))")
        }
        return value ?? ""
    }

    /// A text that may be absent.
    public mutating func optionalText(_ name: String, help: String) -> String? {
        known.append((name, help, "optional"))
        return given(name)
    }

    /// A secret, from `MILLRACE_<NAME>` or from the file that `MILLRACE_<NAME>_FILE` names; never
    /// from a flag, which every user of the host could read.
    public mutating func secret(_ name: String, help: String) -> String? {
        known.append((name, help, "secret, or \(Self.variable(name))_FILE"))
        if flags[name] != nil {
            mistakes.append(
                "`\(name)` is a secret and may not be a flag: set \(Self.variable(name))_FILE")
        }
        if let value = environment[Self.variable(name)] { return value }
        guard let path = environment[Self.variable(name) + "_FILE"] else { return nil }
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            return text.trimmingCharacters(in: .newlines)
        } catch {
            mistakes.append(
                "\(Self.variable(name))_FILE: `\(path)` cannot be read; check it exists")
            return nil
        }
    }

    /// Where a secret comes from, to be named to a person; nil when it is not set.
    public func source(ofSecret name: String) -> String? {
        let variable = Self.variable(name)
        if environment[variable] != nil { return variable }
        return environment[variable + "_FILE"].map { "\(variable)_FILE (\($0))" }
    }

    /// A whole number within limits.
    public mutating func integer(
        _ name: String, default value: Int, in range: ClosedRange<Int>, help: String
    ) -> Int {
        known.append((name, help, "default: \(value)"))
        guard let given = given(name) else { return value }
        guard let number = Int(given), range.contains(number) else {
            mistakes.append(
                "`\(name)` is `\(given)`; it must be a whole number from "
                    + "\(range.lowerBound) to \(range.upperBound)")
            return value
        }
        return number
    }

    /// One of a closed set of words.
    public mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, default value: Choice, help: String
    ) -> Choice where Choice.RawValue == String {
        known.append((name, help, "default: \(value.rawValue)"))
        guard let given = given(name) else { return value }
        guard let choice = Choice(rawValue: given) else {
            let words = Choice.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            mistakes.append("`\(name)` is `\(given)`; it must be one of \(words)")
            return value
        }
        return choice
    }

    /// Adds a mistake that only the caller can see, e.g. a URL that does not parse.
    public mutating func complain(_ mistake: String) {
        mistakes.append(mistake)
    }

    /// - Throws: `SettingsError` with every mistake, unknown flags included.
    public func finish() throws(SettingsError) {
        let names = Set(known.map(\.name))
        let unknown = flags.keys.filter { !names.contains($0) }.sorted()
        let all = mistakes + unknown.map { "unknown flag `--\($0)`; see --help" }
        if !all.isEmpty { throw SettingsError(mistakes: all) }
    }

    /// One line for each setting read so far.
    public var help: String {
        known.map { "  --\($0.name)  (\(Self.variable($0.name)))\n      \($0.help); \($0.shown)" }
            .joined(separator: "\n")
    }

    private func given(_ name: String) -> String? {
        flags[name] ?? environment[Self.variable(name)]
    }

    private static func variable(_ name: String) -> String {
        "MILLRACE_" + name.uppercased().replacingOccurrences(of: "-", with: "_")
    }
}
