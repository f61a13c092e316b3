/// The help texts, made from what the verbs declare.
struct Help {
    private let commands: [any Command]

    init(_ commands: [any Command]) {
        self.commands = commands
    }

    /// - Parameter topic: Empty for the list of all verbs; else a verb or a noun.
    func text(about topic: String) throws(CommandError) -> String {
        if topic.isEmpty { return overview }
        if let command = commands.first(where: { $0.name == topic }) { return text(of: command) }
        if let text = text(ofNoun: topic) { return text }
        throw CommandError("there is no verb `\(topic)`", exit: .usage, try: "millrace --help")
    }

    /// All of one verb.
    func text(of command: any Command) -> String {
        let details = command.details.isEmpty ? "" : "\n\(command.details)\n"
        let own = command.options.isEmpty ? "" : "\nOptions\n\(Self.lines(command.options))"
        let common = command.allOptions.dropFirst(command.options.count)
        return "\(command.summary)\n\n  \(command.usage)\n\(details)\(own)"
            + "\nCommon options\n\(Self.lines(Array(common)))"
    }

    /// The verbs that share a noun, e.g. `topology`; nil when there are none.
    func text(ofNoun noun: String) -> String? {
        let members = commands.filter { $0.name.hasPrefix(noun + " ") }
        return members.isEmpty ? nil : "\(Self.lines(members))\n  millrace \(noun) VERB --help\n"
    }

    private var overview: String {
        let sections = Topic.allCases.compactMap { topic -> String? in
            let members = commands.filter { $0.topic == topic }
            return members.isEmpty ? nil : "\(topic.rawValue)\n\(Self.lines(members))"
        }
        let codes = ExitCode.allCases.map { "\($0.rawValue) \($0.meaning)" }
        return "millrace: moves data from where it appears to where people ask questions of it\n\n"
            + sections.joined(separator: "\n")
            + "\nEach verb has its own --help. Options of all verbs\n\(Self.lines(Option.common))"
            + "\nExit codes\n  \(codes.joined(separator: "\n  "))\n"
    }

    private static func lines(_ commands: [any Command]) -> String {
        pairs(commands.map { ($0.name, $0.summary) })
    }

    private static func lines(_ options: [Option]) -> String {
        pairs(
            options.map { option in
                (option.spelling, option.help + (option.isRepeatable ? "; may be repeated" : ""))
            })
    }

    /// Two columns; what is too long for the first gets a line of its own.
    private static func pairs(_ pairs: [(String, String)]) -> String {
        let width = min(24, pairs.map(\.0.count).max() ?? 0)
        return pairs.map { left, right in
            let indent = String(repeating: " ", count: width + 4)
            let wrapped = wrap(right, to: 79 - indent.count).joined(separator: "\n" + indent)
            if left.count > width { return "  \(left)\n\(indent)\(wrapped)\n" }
            return "  \(left)\(String(repeating: " ", count: width - left.count))  \(wrapped)\n"
        }.joined()
    }

    private static func wrap(_ text: String, to width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
