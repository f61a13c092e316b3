import CLinux
import Glibc

extension OpenFile {
    /// Whether somebody can still change the file.
    public enum Writers: Sendable {
        /// Somebody has it open for writing.
        case present
        case absent
        /// The file system or the file's owner does not let us know.
        case unknown
    }

    /// Whether somebody has the file open for writing now.
    ///
    /// The kernel grants a read lease only on a file that nobody has open for writing (fcntl(2)).
    /// It is given back at once. The process must ignore SIGIO, which the kernel sends to a holder
    /// whose lease is in somebody's way.
    public func writers() -> Writers {
        if linux_take_read_lease(descriptor) == 0 {
            _ = linux_drop_lease(descriptor)
            return .absent
        }
        return errno == EAGAIN ? .present : .unknown
    }
}
