import Foundation
import Glibc

/// A process for good: its id, and when it started, since ids are used again.
public struct ProcessIdentity: Codable, Sendable, Hashable {
    public let id: Int32
    /// Clock ticks since boot, proc(5).
    public let startedAt: UInt64
    /// Which boot of the machine.
    public let boot: String

    /// The process that has that id now; nil when there is none.
    public init?(of id: Int32) {
        guard let startedAt = Self.startTime(of: id) else { return nil }
        self.id = id
        self.startedAt = startedAt
        boot = Self.currentBoot
    }

    /// This process.
    public static var current: ProcessIdentity? { ProcessIdentity(of: getpid()) }

    /// True while this very process runs (a zombie has ended).
    public var isAlive: Bool {
        boot == Self.currentBoot && Self.startTime(of: id) == startedAt
    }

    /// Sends a signal, to its whole group when it leads one; nothing when it has ended.
    public func signal(_ number: Int32) {
        guard isAlive else { return }
        kill(getpgid(id) == id ? -id : id, number)
    }

    /// Sends a signal to this process and to no other of its group.
    public func signalAlone(_ number: Int32) {
        if isAlive { kill(id, number) }
    }

    /// Waits until it has ended.
    /// - Returns: False when it still runs after `limit`.
    public func hasEnded(within limit: Duration) async throws -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        while isAlive {
            guard clock.now < deadline else { return false }
            // Nobody but its parent is told of a process's end.
            try await Task.sleep(for: .milliseconds(20))
        }
        return true
    }

    /// Field 22 of /proc/ID/stat; nil when there is no such process or only its zombie.
    private static func startTime(of id: Int32) -> UInt64? {
        // No such file is the answer that the process has ended.
        guard let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
            let end = stat.lastIndex(of: ")")
        else { return nil }
        // What follows the name, which may itself hold blanks and brackets, begins with field 3.
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }

    private static let currentBoot: String = {
        let path = "/proc/sys/kernel/random/boot_id"
        // Hidden in some sandboxes; the start time alone must do there.
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    }()
}
