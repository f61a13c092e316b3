import Foundation
import Glibc

/// A connection whose other side sends lines. It is used on one thread.
final class SocketLines {
    private let descriptor: Int32
    private let isOver: () -> Bool
    private var buffer = Data()
    /// RFC 5321 allows 1,000; a longer one is not SMTP.
    private static let lineLimitBytes = 65_536
    private static let silenceLimitSeconds = 60.0

    /// - Parameter isOver: Asked in between; true ends the conversation.
    init(_ descriptor: Int32, until isOver: @escaping () -> Bool) {
        self.descriptor = descriptor
        self.isOver = isOver
    }

    /// The next line without its end; nil when there is none any more.
    func next() -> Data? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[buffer.startIndex..<end]
                buffer = Data(buffer[(end + 1)...])
                return line.last == UInt8(ascii: "\r") ? Data(line.dropLast()) : Data(line)
            }
            guard buffer.count < Self.lineLimitBytes, receive() else { return nil }
        }
    }

    /// Sends a reply and its CR LF. A peer that is gone is noticed at the next line.
    func send(_ text: String) {
        var rest = Array((text + "\r\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func close() { Glibc.close(descriptor) }

    private func receive() -> Bool {
        let deadline = Date(timeIntervalSinceNow: Self.silenceLimitSeconds)
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&entry, 1, 50) <= 0 {
            if isOver() || Date() > deadline { return false }
        }
        var piece = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &piece, piece.count, 0)
        guard count > 0 else { return false }
        buffer += piece[..<count]
        return true
    }
}
