import Glibc

/// The right to run the stack of a folder: one process has it, and loses it when it ends, however.
final class StackLock: Sendable {
    private let descriptor: Int32

    /// - Returns: Nil when another process has it.
    static func take(_ folder: StackFolder) throws(StackError) -> StackLock? {
        // Closed on exec, so that no child holds the lock for a supervisor that is gone.
        let descriptor = open(folder.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw StackError("cannot open `\(folder.lock)`: \(reason)")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return StackLock(descriptor)
    }

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}
