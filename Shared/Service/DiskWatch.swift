import Events
import Foundation
import Telemetry

/// Watches the disks that a service writes to, and tells when one is nearly full.
struct DiskWatch: Sendable {
    /// By what it holds: `lake`, `spool`, …
    let disks: [String: String]
    /// Free parts of a hundred below which it is an alert.
    let limit: Int
    let context: ServiceContext
    /// What is free and there in all, in bytes; nil where it cannot be known.
    var measure: @Sendable (_ path: String) -> (free: Int, size: Int)? = DiskWatch.space
    static let period = Duration.seconds(15)

    /// Watches until cancelled. Best effort: what a full disk does not take waits.
    func run() async {
        var low: [String: Bool] = [:]
        repeat { await look(&low) } while await beat()
    }

    /// - Parameter low: Which disks are known to be nearly full, and which not.
    func look(_ low: inout [String: Bool]) async {
        for (name, path) in disks.sorted(by: { $0.key < $1.key }) {
            guard let space = measure(path), space.size > 0 else { continue }
            let share = Double(space.free) / Double(space.size)
            context.metrics.set(
                "millrace_disk_free_ratio", to: share, ["disk": name],
                help: "The free part of each disk that the service writes to.")
            // Some more than the limit: one that goes up and down around it is told of once.
            let isLow = share < Double(limit) / 100 * (low[name] == true ? 1.2 : 1)
            guard low[name] != isLow else { continue }
            if await tell(name, path, space.free, isLow) { low[name] = isLow }
        }
    }

    private func beat() async -> Bool {
        await pause(Self.period)
        return !Task.isCancelled
    }

    /// Also said at the start that all is well: an alert of the process before may be open.
    private func tell(_ name: String, _ path: String, _ free: Int, _ isLow: Bool) async -> Bool {
        let id = "\(context.name).\(context.host).disk.\(name).\(ULID())"
        do {
            let event =
                isLow
                ? try Event(raised(name, path, free), id: id, from: context.source)
                : try Event(resolved(name), id: id, from: context.source)
            try await context.publisher.publish([event])
            return true
        } catch {
            context.log.warning("alert about a disk not said yet", ["error": "\(error)"])
            return false
        }
    }

    private func key(_ name: String) -> String {
        "disk_low:\(context.name):\(context.host):\(name)"
    }

    private func raised(_ name: String, _ path: String, _ free: Int) -> AlertRaised {
        AlertRaised(
            key: key(name), topic: "disk_low", severity: .critical, pipeline: "_", dataset: "_",
            batch: nil, title: "the \(name) of \(context.name) on \(context.host) is nearly full",
            detail: "\(path) has \(free >> 20) MiB left, less than \(limit)%.\n"
                + "When it is full, the service waits; nothing is lost.",
            command: "df -h \(path)")
    }

    private func resolved(_ name: String) -> AlertResolved {
        AlertResolved(
            key: key(name), topic: "disk_low", pipeline: "_", dataset: "_",
            title: "the \(name) of \(context.name) on \(context.host) has room")
    }

    static func space(_ path: String) -> (free: Int, size: Int)? {
        guard
            let facts = try? FileManager.default.attributesOfFileSystem(forPath: path),
            let free = facts[.systemFreeSize] as? NSNumber,
            let size = facts[.systemSize] as? NSNumber
        else { return nil }
        return (free.intValue, size.intValue)
    }
}
