import Foundation
import YAML

/// Reads the `sources` of a pipeline: APIs of which several datasets take records.
struct HTTPSourcesReader {
    static let key = Key(
        "sources", .named(.keys(keys)), "HTTP APIs that datasets share, each call made once")
    private static let keys = Keys(
        HTTPSourceReader.connectionKeys + [
            Key("parameters", .texts(.value), "Sent with each call"),
            Key("calls", .named(.keys(callKeys)), "What is asked", isRequired: true),
        ])
    private static let callKeys = Keys(
        [
            Key(
                "path", .text, "What is added to the source's URL", example: "/reviews/{recent.id}")
        ] + HTTPCallReader.keys)

    let findings: Findings

    /// - Returns: The calls of all sources by `source.call`.
    func read(_ node: YAMLNode) -> [String: HTTPSource] {
        var calls: [String: HTTPSource] = [:]
        for entry in findings.entries(node, "sources") {
            NameRule.check(entry, "a source", findings)
            let own = self.calls(of: entry)
            calls.merge(own.map { ("\(entry.key.text).\($0)", $1) }) { first, _ in first }
        }
        return calls
    }

    private func calls(of entry: YAMLEntry) -> [String: HTTPSource] {
        let place = Word(entry.key, at: entry.start)
        let owner = "source `\(entry.key.text)`"
        guard let fields = Fields(entry.value, of: owner, at: place, keys: Self.keys, findings)
        else { return [:] }
        var base = HTTPSource(url: "")
        HTTPSourceReader(findings: findings).connection(fields, into: &base)
        base.parameters =
            fields["parameters"].map { HTTPCallReader.fields($0, "parameters", findings) } ?? []
        guard let node = fields.required("calls", fix: "write calls: {recent: {path: /recent}}")
        else { return [:] }
        let entries = findings.entries(node, "calls")
        var calls: [String: HTTPSource] = [:]
        for call in entries {
            NameRule.check(call, "a call", findings)
            calls[call.key.text] = self.call(call, base, of: entry.key.text)
        }
        for call in entries { join(call, &calls) }
        return calls
    }

    private func call(_ entry: YAMLEntry, _ base: HTTPSource, of source: String) -> HTTPSource {
        var call = base
        call.call = "\(source).\(entry.key.text)"
        let place = Word(entry.key, at: entry.start)
        let owner = "call `\(entry.key.text)`"
        guard
            let fields = Fields(entry.value, of: owner, at: place, keys: Self.callKeys, findings)
        else { return call }
        if let node = fields["path"], let path = findings.text(node, "a path") {
            if path.text.contains("?") || path.text.contains("#") || path.text.contains("://") {
                findings.report(
                    .badValue, "`\(path.text)` is more than a path", at: path,
                    fix: "write /path, and its query as parameters: {name: value}")
            }
            let joint = path.text.hasPrefix("/") || path.text.isEmpty ? "" : "/"
            let root = base.url.hasSuffix("/") ? String(base.url.dropLast()) : base.url
            call.url = root + joint + path.text
        }
        HTTPCallReader(fields).read(into: &call)
        return call
    }

    /// Gives a call the one that it is asked for each record of.
    private func join(_ entry: YAMLEntry, _ calls: inout [String: HTTPSource]) {
        let name = entry.key.text
        guard let call = calls[name] else { return }
        let place = Word(entry.key, at: entry.start)
        let slots = HTTPSlot.all(in: call)
        var parents: [String] = []
        for slot in slots where !parents.contains(slot.call) {
            if calls[slot.call] == nil || slot.call == name {
                findings.reportUnknown(
                    .unknownWord, "there is no other call `\(slot.call)` in its source",
                    findings.find("{\(slot.text)}", from: entry.start) ?? place,
                    among: calls.keys.filter { $0 != name }.sorted(), called: "calls there")
                return
            }
            parents.append(slot.call)
        }
        guard let parent = parents.first.flatMap({ calls[$0] }) else { return }
        let problem: String? =
            if parents.count > 1 {
                "it takes fields of two calls"
            } else if !HTTPSlot.all(in: parent).isEmpty {
                "the call `\(parents[0])` is asked for records itself"
            } else if call.cursor != nil || !call.sameBy.isEmpty {
                "which records are new is told by `\(parents[0])`: its cursor and same_by stand "
                    + "there"
            } else {
                nil
            }
        if let problem {
            findings.report(.misplacedOption, "call `\(name)`: \(problem)", at: place)
            return
        }
        calls[name]?.parents = [parent]
    }
}
