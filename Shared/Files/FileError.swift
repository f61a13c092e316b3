import Glibc

/// What the operating system refused to do with a file.
public struct FileError: Error, Sendable, CustomStringConvertible {
    /// What was tried, e.g. `open`.
    public let operation: String
    public let path: String
    /// The `errno` of the failed call.
    public let code: Int32

    public init(_ operation: String, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// The error of the call that has just failed.
    init(_ operation: String, _ path: String) {
        self.init(operation, path, code: errno)
    }

    /// The disk or the quota is full, or the process may not write a file of that size.
    public var isFull: Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }
    /// It will be refused again until a person changes permissions, mounts or names.
    public var isRefused: Bool {
        [EACCES, EPERM, EROFS, ENAMETOOLONG, EISDIR, ENOTDIR, ELOOP].contains(code)
    }
    /// There is no such file or folder.
    public var isMissing: Bool { code == ENOENT }

    public var description: String {
        "cannot \(operation) `\(path)`: \(String(cString: strerror(code)))"
    }
}
