import Glibc

/// A file of a job that is written from its start to its end.
struct OutputFile: ~Copyable {
    let path: String
    private let descriptor: Int32

    /// Makes the file, or empties it.
    init(_ path: String) throws(EngineError) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw EngineError(writing: path, errno) }
        self.path = path
    }

    deinit { close(descriptor) }

    /// Writes all of the bytes.
    func write(_ bytes: UnsafeRawBufferPointer) throws(EngineError) {
        let code = put(bytes)
        guard code == 0 else { throw EngineError(writing: path, code) }
    }

    /// Writes all of the bytes.
    func write(_ bytes: ArraySlice<UInt8>) throws(EngineError) {
        let code = bytes.withUnsafeBytes { put($0) }
        guard code == 0 else { throw EngineError(writing: path, code) }
    }

    /// - Returns: 0, or the error's number.
    private func put(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        var rest = bytes
        // A full disk takes a part first and says so only at the next try.
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : ENOSPC }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return 0
    }
}
