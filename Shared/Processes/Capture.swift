import Glibc

/// What is kept of one output of a child.
struct Capture: ~Copyable {
    private(set) var bytes: [UInt8] = []
    private(set) var isCut = false
    private var descriptor = Descriptor()
    private let kept: Command.Kept
    private let limit: Int

    /// - Parameter end: Our end of the pipe; taken where the output is to be captured.
    init(_ output: Command.Output, _ end: inout Descriptor) {
        if case .capture(let kept, let limit) = output {
            self.kept = kept
            self.limit = limit
            descriptor = end.move()
            descriptor.stopBlocking()
        } else {
            kept = .first
            limit = 0
        }
    }

    /// The descriptor to wait for; -1 once the output has ended.
    var raw: Int32 { descriptor.raw }

    /// Reads what is there now.
    mutating func drain(_ buffer: UnsafeMutableRawBufferPointer) {
        while raw >= 0 {
            let count = read(raw, buffer.baseAddress, buffer.count)
            if count > 0 {
                keep(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
                descriptor.end()
            } else if errno == EAGAIN {
                return
            }
        }
    }

    private mutating func keep(_ new: UnsafeRawBufferPointer) {
        switch kept {
        case .first:
            let room = limit - bytes.count
            bytes.append(contentsOf: new.prefix(room))
            if new.count > room { isCut = true }
        case .last:
            bytes.append(contentsOf: new)
            // Cut in big steps, so that a flood costs one copy for each `limit` bytes.
            if bytes.count > 2 * limit { bytes.removeFirst(bytes.count - limit) }
            if bytes.count > limit { isCut = true }
        }
    }

    /// What is kept, at most the limit.
    consuming func finish() -> [UInt8] {
        bytes.count > limit ? Array(bytes.suffix(limit)) : bytes
    }
}
