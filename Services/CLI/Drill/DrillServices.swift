import Foundation
import Glibc
import Stack

/// The processes of the stack that a drill is about, as they are at this moment.
struct DrillServices: Sendable {
    let folder: StackFolder

    /// The first process of a part; nil while it is down or starting.
    func process(_ part: StackPart) throws -> ProcessIdentity? {
        guard let entry = try StackState.read(folder)?.parts[part.rawValue],
            entry.condition == .ready, let process = entry.processes.first, process.isAlive
        else { return nil }
        return process
    }

    /// Waits for the process of a part that is down or starting.
    ///
    /// - Throws: `CommandError` when it is not there after a minute or two.
    func ready(_ part: StackPart) async throws -> ProcessIdentity {
        let deadline = ContinuousClock.now + .seconds(120)
        while .now < deadline {
            if let process = try process(part) { return process }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw CommandError(
            "the \(part.rawValue) is not there", try: "tail \(folder.log(part.rawValue))")
    }

    /// Waits until every part is there.
    func allReady() async throws {
        for part in StackPart.allCases { _ = try await ready(part) }
    }

    /// What each service uses now; those that are down are left out.
    func usage() throws -> [StackPart: DrillUsage] {
        var usages: [StackPart: DrillUsage] = [:]
        for part in StackPart.services {
            guard let usage = try process(part)?.usage else { continue }
            usages[part] = DrillUsage(bytes: usage.residentBytes, descriptors: usage.descriptors)
        }
        return usages
    }
}

/// What a service uses.
struct DrillUsage: Sendable {
    var bytes: Int
    var descriptors: Int

    /// True when it is far from `before`: a leak, and not a cache that fills.
    func hasSwollen(since before: DrillUsage) -> Bool {
        bytes > 2 * before.bytes + (64 << 20) || descriptors > before.descriptors + 32
    }
}
