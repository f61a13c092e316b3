import Events
import Foundation
import Lake

/// Shows how far sources have been read.
struct GetState: Command {
    let name = "state get"
    let summary = "show how far sources have been read"
    let topic = Topic.data
    let positionals = [SourceLookup.positional, Positional("DATASET", isRequired: false)]
    let options: [Option] = [.flag("log", "show who wrote states by hand, and when")]
    let details = """
        The state of a source moves in the lake together with the data: what it says
        has landed. A source that another host takes over goes on from it. One that
        `state set` has written is `edited` until something landed behind it.

        Files have none: what lies in their folder is new.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let words = arguments.positionals
        let lookup = try await SourceLookup(
            words[0], dataset: words.count > 1 ? words[1] : nil, context)
        if arguments.flag("log") {
            console.records(try await Self.log(lookup))
        } else {
            console.records(try await Self.states(lookup))
        }
        return .done
    }

    private static func states(_ lookup: SourceLookup) async throws -> Table {
        var table = Table("source", "changed", .init("segment", isWhole: true), "edited", "state")
        for name in lookup.names {
            let (text, state, edit) = try await lookup.state(name)
            table.add([
                Cell(name), Cell(state.map { EventJSON.text(of: $0.changedAt) }),
                Cell(state?.segment?.description), Cell(edit.map { "\($0.verb) by \($0.who)" }),
                Cell(text),
            ])
        }
        return table
    }

    private static func log(_ lookup: SourceLookup) async throws -> Table {
        var table = Table(
            "source", .init("edit", isWhole: true), "verb", "who", "undoes", "before", "state")
        for name in lookup.names {
            for edit in try await lookup.states.log(of: name) {
                table.add([
                    Cell(name), Cell(edit.id.description), Cell(edit.verb), Cell(edit.who),
                    Cell(edit.undoes?.description), Cell(edit.before), Cell(edit.text),
                ])
            }
        }
        return table
    }
}

/// Writes the state of a source.
struct SetState: Command {
    let name = "state set"
    let summary = "write how far a source has been read"
    let topic = Topic.data
    let positionals = [
        SourceLookup.positional, SourceLookup.datasetPositional, Positional("STATE"),
    ]
    let details = """
        STATE is JSON as `state get` shows it. The source goes on from there within a
        second; a read that is under way is given up. What was there is in the log:
        `millrace state undo` brings it back.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let words = arguments.positionals
        let lookup = try await SourceLookup(words[0], dataset: words[1], context)
        try StateText.check(words[2])
        try await lookup.edit(lookup.names[0], words[2], verb: "set")
        console.note("millrace state undo \(words[0]) \(words[1])\(context.dataFlag) takes it back")
        return .done
    }
}

/// Lets sources begin anew.
struct ResetState: Command {
    let name = "state reset"
    let summary = "let sources be read anew from their start"
    let topic = Topic.data
    let positionals = [SourceLookup.positional, Positional("DATASET", isRequired: false)]
    let options: [Option] = [.flag("yes", "do it; without it nothing is changed")]
    let details = """
        All that a source still has is read again: a table with `load: merge` then
        holds what it held, one with `append` holds it twice. `millrace state undo`
        takes it back, not what was read meanwhile.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let words = arguments.positionals
        let lookup = try await SourceLookup(
            words[0], dataset: words.count > 1 ? words[1] : nil, context)
        guard arguments.flag("yes") else {
            console.note(
                "would be read anew: \(lookup.names.joined(separator: ", ")); --yes does it")
            return .done
        }
        for name in lookup.names { try await lookup.edit(name, nil, verb: "reset") }
        console.note("read anew: \(lookup.names.joined(separator: ", "))")
        return .done
    }
}

/// Takes back what a person has written.
struct UndoState: Command {
    let name = "state undo"
    let summary = "take back the last state written by hand"
    let topic = Topic.data
    let positionals = [SourceLookup.positional, SourceLookup.datasetPositional]
    let details = """
        The source goes on from where it was before. Doing so again takes back the
        edit before that one. What was read meanwhile may be read once more.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let words = arguments.positionals
        let lookup = try await SourceLookup(words[0], dataset: words[1], context)
        let log = try await lookup.states.log(of: lookup.names[0])
        let undone = Set(log.compactMap(\.undoes))
        guard let last = log.last(where: { $0.undoes == nil && !undone.contains($0.id) }) else {
            throw CommandError("nobody has written the state of \(lookup.names[0]) by hand")
        }
        try await lookup.edit(lookup.names[0], last.before, verb: "undo", undoing: last.id)
        console.note("\(last.verb) of \(last.who) is taken back")
        return .done
    }
}

/// Prints the states of a pipeline's sources for `state import`.
struct ExportState: Command {
    let name = "state export"
    let summary = "print sources' states, for state import"
    let topic = Topic.data
    let positionals = [SourceLookup.positional]

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let lookup = try await SourceLookup(arguments.positionals[0], StackContext(arguments))
        var states: [String: String] = [:]
        for name in lookup.names { states[name] = try await lookup.state(name).text }
        console.line(String(decoding: try EventJSON.encode(states), as: UTF8.self))
        return .done
    }
}

/// Writes the states that `state export` has printed.
struct ImportState: Command {
    let name = "state import"
    let summary = "write sources' states from a file"
    let topic = Topic.data
    let positionals = [SourceLookup.positional, Positional("FILE", completion: .files)]
    let details = """
        FILE is what `state export` has printed, here or elsewhere. Sources that it
        does not name are left alone.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let lookup = try await SourceLookup(arguments.positionals[0], context)
        let file = URL(filePath: arguments.positionals[1])
        let states = try EventJSON.decode([String: String].self, from: Data(contentsOf: file))
        let strangers = states.keys.filter { !lookup.names.contains($0) }.sorted()
        guard strangers.isEmpty else {
            throw CommandError(
                "the pipeline has no source \(strangers.joined(separator: ", "))", exit: .usage)
        }
        for (_, text) in states { try StateText.check(text) }
        for (name, text) in states.sorted(by: { $0.key < $1.key }) {
            try await lookup.edit(name, text, verb: "import")
        }
        console.note("written: \(states.keys.sorted().joined(separator: ", "))")
        return .done
    }
}

/// What can be a state.
private enum StateText {
    static func check(_ text: String) throws {
        do {
            _ = try JSONSerialization.jsonObject(with: Data(text.utf8))
        } catch {
            throw CommandError("`\(text.prefix(60))` is no JSON", exit: .usage)
        }
    }
}
