import Events
import Foundation
import Glibc
import Outbound
import Synchronization
import Testing
import Warehouse

@testable import notifier

/// A server that answers with these bytes and then does as it is told.
private final class RawServer: Sendable {
    enum End: Sendable { case close, reset, stall, drip, flood }

    let port: Int
    private let descriptor: Int32
    private let isOver = Mutex(false)

    init(_ answer: String, then end: End) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isListening)
        port = Int(in_port_t(bigEndian: address.sin_port))
        Thread { [self] in
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { return }
            serve(connection, answer, end)
            close(connection)
        }.start()
    }

    deinit { stop() }

    func stop() {
        isOver.withLock { isOver in
            if !isOver { shutdown(descriptor, Int32(SHUT_RDWR)) }
            isOver = true
        }
    }

    private func serve(_ connection: Int32, _ answer: String, _ end: End) {
        var request = [UInt8](repeating: 0, count: 65_536)
        _ = recv(connection, &request, request.count, 0)
        _ = send(answer, to: connection)
        switch end {
        case .close: break
        case .reset:
            // What has arrived must be read before the reset makes it void.
            usleep(50_000)
            var now = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                connection, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        case .stall:
            while !isOver.withLock({ $0 }) { usleep(10_000) }
        case .drip:
            while !isOver.withLock({ $0 }), send("x", to: connection) { usleep(20_000) }
        case .flood:
            let piece = String(repeating: "x", count: 65_536)
            while !isOver.withLock({ $0 }), send(piece, to: connection) {}
        }
    }

    private func send(_ text: String, to connection: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.isEmpty
            || Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0
    }
}

@Suite("An endpoint that answers in strange ways", .timeLimit(.minutes(5)))
struct EndpointFaultTests {
    private func attempt(_ answer: String, then end: RawServer.End) async throws -> AttemptEnd {
        let server = try RawServer(answer, then: end)
        defer { server.stop() }
        let networks = [try #require(Network("127.0.0.0/8"))]
        var sender = WebhookSender(
            client: HTTPClient(
                "fault", connections: 1, guardedBy: .publicOnly(except: networks),
                bodyLimitBytes: 20_000, overflow: .isCut), allowed: networks)
        sender.timeout = .seconds(1)
        let alert = Alert(
            id: "a", kind: .raised, key: "k", topic: "rejects", severity: .info, pipeline: "p",
            dataset: "d", batch: nil, title: "t", detail: "", command: nil, time: Date())
        let webhook = Delivery.Webhook(
            url: "http://127.0.0.1:\(server.port)/", secrets: [WebhookSecret()], allowed: [],
            adapter: .none)
        let delivery = Delivery(
            id: "msg_1", subscription: "S", target: .webhook(webhook), alert: alert, attempts: 1,
            tries: 0, gap: .zero)
        return try await sender.send(delivery, to: webhook)
    }

    private func isPostponed(_ end: AttemptEnd) -> Bool {
        if case .postponed = end.outcome { return true }
        return false
    }

    private static let head = "HTTP/1.1 200 OK\r\n"

    @Test(
        "is tried again when no whole answer comes in time",
        arguments: [
            ("", RawServer.End.stall), (head, .stall),
            (head + "Content-Length: 5\r\n\r\nab", .stall),
            (head + "Content-Length: 99999\r\n\r\n", .drip), ("", .drip),
        ])
    fileprivate func late(answer: String, end: RawServer.End) async throws {
        #expect(isPostponed(try await attempt(answer, then: end)))
    }

    @Test(
        "is tried again when the connection breaks before the whole answer",
        arguments: [
            ("", RawServer.End.close), ("", .reset), (head + "Content-Length: 9\r\n\r\nab", .close),
            (head + "Content-Length: 9\r\n\r\nab", .reset), ("garbage\r\n\r\n", .close),
        ])
    fileprivate func broken(answer: String, end: RawServer.End) async throws {
        #expect(isPostponed(try await attempt(answer, then: end)))
    }

    @Test("has received it when its answer is whole, whatever becomes of the connection")
    func afterwards() async throws {
        let end = try await attempt(Self.head + "Content-Length: 2\r\n\r\nok", then: .reset)
        #expect(end == AttemptEnd(.sent(code: 200), answer: "ok"))
    }

    @Test("has received it when its answer never ends; the rest is not read")
    func endless() async throws {
        let end = try await attempt(Self.head + "\r\n", then: .flood)
        #expect(end.outcome == .sent(code: 200))
        #expect(end.answer?.utf8.count == AttemptEnd.answerBytes)
    }

    @Test("may send packed bytes, which stay packed")
    func bomb() async throws {
        let end = try await attempt(
            Self.head + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\u{1F}a\u{0}",
            then: .close)
        #expect(end.outcome == .sent(code: 200))
        #expect(end.answer == "\u{1F}a")
    }

    @Test("does not get it at another address by a redirect")
    func redirect() async throws {
        let end = try await attempt(
            "HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
            then: .close)
        #expect(end.outcome == .refused(reason: "the endpoint answered 307", code: 307))
    }
}
