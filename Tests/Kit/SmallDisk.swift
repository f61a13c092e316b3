import Foundation
import Processes
import Testing

/// Small disks for tests of what happens without room. They need the right to mount.
public enum SmallDisk {
    /// For `.enabled(if:)`.
    public static let isAvailable =
        mayMount && FileManager.default.fileExists(atPath: "/usr/bin/unshare")
    /// The word for a skipped suite.
    public static let missing = "needs the right to mount (CAP_SYS_ADMIN) and unshare(1)"

    /// Fills the disk of that folder with one file.
    ///
    /// - Parameter free: How many bytes are left.
    /// - Returns: The file's path; who removes it makes room again.
    public static func fill(_ folder: String, leaving free: Int = 0) throws -> String {
        let path = folder + "/filler"
        try Data().write(to: URL(filePath: path))
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        var bytes = 0
        do {
            while true {
                try file.write(contentsOf: Data(count: 4_096))
                bytes += 4_096
            }
        } catch {
            // It is full, as it shall be.
        }
        try file.truncate(atOffset: UInt64(max(0, bytes - free)))
        try file.close()
        return path
    }

    /// Bit 21 of the effective capabilities (capabilities(7)).
    private static var mayMount: Bool {
        let status = FileManager.default.contents(atPath: "/proc/self/status") ?? Data()
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("CapEff:") }
        let word = line?.split(whereSeparator: \.isWhitespace).last
        return word.flatMap { UInt64($0, radix: 16) }.map { $0 >> 21 & 1 == 1 } ?? false
    }
}

/// Runs `body` with a new, empty disk of that size: a file system of its own, in a mount namespace
/// of its own, so that nothing of it is left whatever happens.
public func withSmallDisk<Value: Sendable>(
    megabytes: Int, _ body: (_ path: String) async throws -> Value
) async throws -> Value {
    let script = """
        mount -t tmpfs -o size=\(megabytes)m tmpfs /mnt && mkdir /mnt/disk && exec sleep 3600
        """
    let holder = try await ChildProcess.start(Command("unshare", ["-m", "sh", "-c", script]))
    // The holder's own view of the file system (proc(5), /proc/pid/root).
    let path = "/proc/\(holder.id)/root/mnt/disk"
    let outcome: Result<Value, any Error>
    do {
        try await eventually(within: .seconds(30), "the disk is mounted") {
            FileManager.default.fileExists(atPath: path)
        }
        outcome = .success(try await body(path))
    } catch {
        outcome = .failure(error)
    }
    _ = await holder.stop()
    return try outcome.get()
}
