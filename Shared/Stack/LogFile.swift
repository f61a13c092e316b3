import Foundation
import Glibc
import Synchronization

/// A log file that is put aside when it has grown too long: one older file is kept.
final class LogFile: Sendable {
    private static let limit = 32 << 20

    private struct State {
        var descriptor: Int32
        var bytes: Int
    }

    private let path: String
    private let state: Mutex<State>

    init(_ path: String) throws(StackError) {
        self.path = path
        let descriptor = Self.open(path)
        guard descriptor >= 0 else {
            throw StackError("cannot write `\(path)`: \(String(cString: strerror(errno)))")
        }
        state = Mutex(State(descriptor: descriptor, bytes: Int(lseek(descriptor, 0, SEEK_END))))
    }

    deinit { state.withLock { _ = close($0.descriptor) } }

    /// Appends a line. A full disk costs log lines, not the service.
    func write(_ line: [UInt8]) {
        state.withLock { state in
            if state.bytes > Self.limit { turn(&state) }
            var rest = line[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.write(state.descriptor, $0.baseAddress, $0.count)
                }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
                state.bytes += count
            }
        }
    }

    private func turn(_ state: inout State) {
        guard rename(path, path + ".1") == 0 else { return }
        let fresh = Self.open(path)
        guard fresh >= 0 else { return }
        close(state.descriptor)
        state = State(descriptor: fresh, bytes: 0)
    }

    private static func open(_ path: String) -> Int32 {
        Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    }
}
