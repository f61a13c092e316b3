import CLinux
import Foundation
import Glibc

/// What is done to a running process from outside when a failure is rehearsed.
extension ProcessIdentity {
    /// The processes that it has started and that still run.
    public var children: [ProcessIdentity] {
        guard isAlive else { return [] }
        // A thread's list of children, proc(5); gone when the process is.
        let path = "/proc/\(id)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return threads.flatMap { thread -> [ProcessIdentity] in
            let text = try? String(contentsOfFile: "\(path)/\(thread)/children", encoding: .utf8)
            let ids = (text ?? "").split(separator: " ").compactMap { Int32($0) }
            return ids.compactMap(ProcessIdentity.init(of:))
        }
    }

    /// Lets it write no file beyond that size, as if the disk were full; nil lifts the limit.
    ///
    /// - Throws: `StackError` when the system refuses.
    public func limitFileSize(_ bytes: UInt64?) throws(StackError) {
        guard isAlive, linux_limit_file_size(id, bytes ?? .max) != 0, errno != ESRCH else {
            return
        }
        throw StackError(
            "cannot limit the files of process \(id): \(String(cString: strerror(errno)))")
    }

    /// Bytes in memory and open descriptors; nil when it has ended.
    public var usage: (residentBytes: Int, descriptors: Int)? {
        guard isAlive,
            // Both fail when the process ends meanwhile, which is the answer nil.
            let pages = try? String(contentsOfFile: "/proc/\(id)/statm", encoding: .utf8),
            let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd")
        else { return nil }
        let fields = pages.split(separator: " ")
        guard fields.count > 1, let resident = Int(fields[1]) else { return nil }
        return (resident * sysconf(Int32(_SC_PAGESIZE)), open.count)
    }
}
