import CLinux
import Glibc

/// A file descriptor that closes itself, or none. Children do not inherit it by accident.
struct Descriptor: ~Copyable {
    /// -1 for none, which poll(2) skips.
    private(set) var raw: Int32

    init(owning raw: Int32 = -1) { self.raw = raw }

    /// Opens a file for a child.
    init(opening path: String, _ flags: Int32) throws(ProcessError) {
        let raw = open(path, flags | O_CLOEXEC, 0o640)
        guard raw >= 0 else {
            throw ProcessError(errorNumber: errno, doing: "cannot open `\(path)`")
        }
        self.raw = raw
    }

    /// A copy above 2, so that putting one standard stream in its place overwrites no other.
    init(copying other: Int32) throws(ProcessError) {
        let raw = fcntl(other, F_DUPFD_CLOEXEC, 3)
        guard raw >= 0 else {
            throw ProcessError(errorNumber: errno, doing: "cannot copy descriptor \(other)")
        }
        self.raw = raw
    }

    deinit {
        if raw >= 0 { close(raw) }
    }

    /// Closes it now.
    mutating func end() {
        if raw >= 0 { close(raw) }
        raw = -1
    }

    /// Gives the descriptor to the caller, who closes it; none is left here.
    mutating func take() -> Int32? {
        defer { raw = -1 }
        return raw >= 0 ? raw : nil
    }

    /// Moves the descriptor out; none is left here.
    mutating func move() -> Descriptor { Descriptor(owning: take() ?? -1) }

    /// Makes reads and writes on it return at once.
    func stopBlocking() {
        _ = fcntl(raw, F_SETFL, fcntl(raw, F_GETFL) | O_NONBLOCK)
    }

    /// A new pipe: what is written to the second comes out of the first.
    static func pipe(
        _ read: inout Descriptor, _ write: inout Descriptor
    ) throws(ProcessError) {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else {
            throw ProcessError(errorNumber: errno, doing: "cannot make a pipe")
        }
        read = Descriptor(owning: ends[0])
        write = Descriptor(owning: ends[1])
    }
}
