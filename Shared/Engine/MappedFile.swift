import Glibc

/// A local file's bytes, mapped into memory. The file must not be cut while it is mapped: it lies
/// in the working zone or in a scratch folder, where nobody else writes.
struct MappedFile: ~Copyable {
    private let bytes: UnsafeRawBufferPointer

    /// Lends the bytes of the file at `path` to `body`, and no longer.
    static func read<Value>(
        _ path: String, _ body: (UnsafeRawBufferPointer) throws -> Value
    ) throws -> Value {
        let file = try MappedFile(path)
        return try file.lend(body)
    }

    private init(_ path: String) throws(EngineError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw EngineError(reading: path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw EngineError(reading: path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw EngineError(reading: path, EISDIR) }
        let size = Int(status.st_size)
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let start, start != MAP_FAILED else { throw EngineError(reading: path, errno) }
        madvise(start, size, MADV_SEQUENTIAL)
        bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    deinit {
        if let start = bytes.baseAddress {
            munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
        }
    }

    // A borrowed receiver is alive until the call returns.
    private borrowing func lend<Value>(
        _ body: (UnsafeRawBufferPointer) throws -> Value
    ) throws -> Value {
        try body(bytes)
    }
}

extension EngineError {
    /// A file of a job that cannot be read.
    init(reading path: String, _ number: Int32) {
        self.init(.input, "cannot read `\(path)`: \(String(cString: strerror(number)))")
    }

    /// A file of a job that cannot be written.
    init(writing path: String, _ number: Int32) {
        let isFull = [ENOSPC, EDQUOT, EFBIG].contains(number)
        self.init(
            isFull ? .full : .resources,
            "cannot write `\(path)`: \(String(cString: strerror(number)))")
    }
}
