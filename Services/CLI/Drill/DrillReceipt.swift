import Foundation
import Stack

/// What a drill has proved, or what broke.
struct DrillReceipt: Sendable {
    let plan: DrillPlan
    var sent = 0
    var found = DrillComparison.Result()
    /// From the end of the last fault until everything was in; nil when it never was.
    var recoveredSeconds: Double?
    var seconds = 0.0
    var faults: [String: Int] = [:]
    var proofs: [String: Int] = [:]
    var deadLetters = 0
    /// Events left in the queues.
    var left = 0
    /// How often one event was put off, where that was too often.
    var excessDelays: Int?
    var before: [StackPart: DrillUsage] = [:]
    var after: [StackPart: DrillUsage] = [:]

    /// True when every guarantee held.
    var isGood: Bool {
        found.lost == 0 && found.duplicated == 0 && found.wrong == 0 && deadLetters == 0
            && left == 0 && excessDelays == nil && recoveredSeconds != nil && struck > 0
            && swollen.isEmpty
    }

    /// The services that use much more memory or many more files than before.
    var swollen: [String] {
        StackPart.services.filter { part in
            guard let before = before[part], let after = after[part] else { return false }
            return after.hasSwollen(since: before)
        }.map(\.rawValue)
    }

    /// How many faults there were.
    var struck: Int { faults.values.reduce(0, +) }

    /// For scripts.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }

    /// For people.
    func text(_ console: Console) -> String {
        let recovered = recoveredSeconds.map { "in \(TimeText.seconds($0))" } ?? "never"
        let verdict =
            isGood ? console.paint("held", .good) : console.paint("broken", .bad)
        let kinds = faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let felt = proofs.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let lines = [
            "sent \(amount(sent)) · in table \(amount(found.inTable)) · "
                + "rejected \(amount(found.rejected)) · lost \(amount(found.lost)) · "
                + "duplicated \(amount(found.duplicated)) · recovered \(recovered)",
            "wrong \(amount(found.wrong)) · dead letters \(deadLetters) · events left \(left) · "
                + "\(TimeText.count(struck, "fault")) in \(TimeText.seconds(seconds))",
            "faults   \(kinds.joined(separator: ", "))",
            felt.isEmpty ? nil : "felt     \(felt.joined(separator: ", "))",
            excessDelays.map { "one event was put off \($0) times, which is too often" },
            swollen.isEmpty ? nil : "swollen  \(swollen.joined(separator: ", "))",
            "memory   \(usage { "\($0.bytes >> 20)" }) MiB",
            "files    \(usage { "\($0.descriptors)" }) open",
            "again    \(plan.command)",
            "\(verdict)",
        ]
        return (lines.compactMap(\.self) + findings).map { $0 + "\n" }.joined()
    }

    /// What to look at when something broke.
    private var findings: [String] {
        let keys = found.findings.map { finding in
            let file = finding.file.map { ", it came in \($0)" } ?? ", nobody sent it"
            return "  \(finding.verdict): \(plan.pipeline).\(finding.table) id \(finding.id)\(file)"
        }
        guard !isGood else { return keys }
        return keys + [
            "kept for you: the schema \(plan.pipeline) and its runs",
            "  millrace runs --pipeline \(plan.pipeline)\(plan.dataFlag)",
            "  millrace dead list\(plan.dataFlag)",
        ]
    }

    private func amount(_ number: Int) -> String { TimeText.grouped(number) }

    private func usage(_ value: (DrillUsage) -> String) -> String {
        StackPart.services.compactMap { part in
            guard let before = before[part], let after = after[part] else { return nil }
            return "\(part.rawValue) \(value(before))→\(value(after))"
        }.joined(separator: ", ")
    }
}

extension DrillReceipt: Encodable {
    private struct Usage: Encodable {
        let bytesBefore: Int
        let bytesAfter: Int
        let descriptorsBefore: Int
        let descriptorsAfter: Int
    }

    private enum Keys: String, CodingKey {
        case drill, seed, pipeline, held, sent, inTable = "in_table", rejected, lost, duplicated
        case wrong, recoveredSeconds = "recovered_seconds", seconds, faults, felt
        case deadLetters = "dead_letters", left = "events_left", services, findings, command
        case excessDelays = "excess_delays", swollen
    }

    func encode(to encoder: any Encoder) throws {
        var keys = encoder.container(keyedBy: Keys.self)
        try keys.encode(plan.name, forKey: .drill)
        try keys.encode(plan.seed, forKey: .seed)
        try keys.encode(plan.pipeline, forKey: .pipeline)
        try keys.encode(isGood, forKey: .held)
        try keys.encode(sent, forKey: .sent)
        try keys.encode(found.inTable, forKey: .inTable)
        try keys.encode(found.rejected, forKey: .rejected)
        try keys.encode(found.lost, forKey: .lost)
        try keys.encode(found.duplicated, forKey: .duplicated)
        try keys.encode(found.wrong, forKey: .wrong)
        try keys.encode(recoveredSeconds, forKey: .recoveredSeconds)
        try keys.encode(seconds, forKey: .seconds)
        try keys.encode(faults, forKey: .faults)
        try keys.encode(proofs, forKey: .felt)
        try keys.encode(deadLetters, forKey: .deadLetters)
        try keys.encode(left, forKey: .left)
        try keys.encodeIfPresent(excessDelays, forKey: .excessDelays)
        try keys.encode(swollen, forKey: .swollen)
        try keys.encode(usages, forKey: .services)
        try keys.encode(found.findings, forKey: .findings)
        try keys.encode(plan.command, forKey: .command)
    }

    private var usages: [String: Usage] {
        var usages: [String: Usage] = [:]
        for part in StackPart.services {
            guard let before = before[part], let after = after[part] else { continue }
            usages[part.rawValue] = Usage(
                bytesBefore: before.bytes, bytesAfter: after.bytes,
                descriptorsBefore: before.descriptors, descriptorsAfter: after.descriptors)
        }
        return usages
    }
}
