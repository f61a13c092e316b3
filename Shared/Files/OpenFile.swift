import CLinux
public import Foundation
import Glibc

/// An open file.
public final class OpenFile: Sendable {
    /// The path that it was opened by.
    public let path: String
    /// Valid as long as this object lives.
    public let descriptor: Int32

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    /// Opens a file for reading by its path.
    public convenience init(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        self.init(path: path, descriptor: descriptor)
    }

    /// Another handle of what somebody has opened, which may be a pipe.
    public convenience init(duplicating descriptor: Int32) throws(FileError) {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw FileError("open", "descriptor \(descriptor)") }
        self.init(path: "descriptor \(descriptor)", descriptor: copy)
    }

    deinit { close(descriptor) }

    /// What is known of it now.
    public func info() throws(FileError) -> FileInfo {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("look at", path) }
        return FileInfo(status)
    }

    /// Reads in pieces: a file from its start, a pipe from where it is, both to the end.
    public func read(_ piece: (UnsafeRawBufferPointer) throws(FileError) -> Void) throws(FileError)
    {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 4096)
        defer { buffer.deallocate() }
        guard lseek(descriptor, 0, SEEK_SET) == 0 || errno == ESPIPE else {
            throw FileError("read", path)
        }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileError("read", path) }
            if count == 0 { return }
            try piece(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// The whole content.
    public func contents() throws(FileError) -> Data {
        var data = Data()
        try read { data.append(contentsOf: $0) }
        return data
    }

    /// Writes all of `bytes` at the end of what was written before.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileError("write", path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Writes all of `data` at the end of what was written before.
    public func write(_ data: Data) throws(FileError) {
        var failure: FileError?
        data.withUnsafeBytes { bytes in
            do throws(FileError) { try write(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Forgets what was written behind the first `bytes`; more is written there.
    public func truncate(to bytes: Int) throws(FileError) {
        guard ftruncate(descriptor, bytes) == 0, lseek(descriptor, bytes, SEEK_SET) >= 0 else {
            throw FileError("cut", path)
        }
    }

    /// Makes its content durable; its name needs `sync` of its folder as well.
    public func sync() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError("sync", path) }
    }

    /// How a lock is held.
    public enum Lock: Sendable { case shared, exclusive }

    /// Locks the file for as long as this object lives, if it can be had at once.
    /// - Returns: False when somebody else holds it.
    public func lock(_ lock: Lock) throws(FileError) -> Bool {
        if flock(descriptor, (lock == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw FileError("lock", path) }
        return false
    }

    /// Locks the file for as long as this object lives, waiting for those who hold it.
    public func waitForLock(_ lock: Lock) throws(FileError) {
        while flock(descriptor, lock == .shared ? LOCK_SH : LOCK_EX) != 0 {
            guard errno == EINTR else { throw FileError("lock", path) }
        }
    }
}
