import Foundation
import Glibc
import Synchronization
import Testing

/// A server that says exactly what it is told, and then does as it is told.
final class BrokenAPI: Sendable {
    enum End: Sendable { case stay, close, reset, stall, drip }

    /// What is said to a request, of which the first line is given.
    typealias Answer = @Sendable (String) -> (text: String, end: End)

    let port: Int
    private let descriptor: Int32
    private let isOver = Mutex(false)
    private let lines = Mutex<[String]>([])

    /// The first lines of the requests so far.
    var requests: [String] { lines.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(port)" }

    init(_ answer: @escaping Answer) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isListening)
        port = Int(in_port_t(bigEndian: address.sin_port))
        Thread { [self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                Thread { [self] in
                    serve(connection, answer)
                    close(connection)
                }.start()
            }
        }.start()
    }

    func stop() {
        isOver.withLock { $0 = true }
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private func serve(_ connection: Int32, _ answer: Answer) {
        while let line = request(connection) {
            lines.withLock { $0.append(line) }
            let (text, end) = answer(line)
            _ = send(text, to: connection)
            switch end {
            case .stay: continue
            case .close: return
            case .reset:
                var now = linger(l_onoff: 1, l_linger: 0)
                setsockopt(
                    connection, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
                return
            case .stall: while !isOver.withLock({ $0 }) { usleep(10_000) }
            case .drip:
                while !isOver.withLock({ $0 }), send(" ", to: connection) { usleep(300_000) }
            }
        }
    }

    private func request(_ connection: Int32) -> String? {
        var read: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4_096)
        while !String(decoding: read, as: UTF8.self).contains("\r\n\r\n") {
            let count = recv(connection, &piece, piece.count, 0)
            guard count > 0 else { return nil }
            read += piece.prefix(count)
        }
        return String(decoding: read.prefix { $0 != 0x0D }, as: UTF8.self)
    }

    private func send(_ text: String, to connection: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.isEmpty
            || Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }
}
