import Events
import Foundation
import Glibc
import Kit
import Testing

@testable import Broker

@Suite("A connection that cannot be opened", .timeLimit(.minutes(5)))
struct ConnectionFaultTests {
    @Test("is an outage when the name does not resolve or nobody listens")
    func nobody() throws {
        // A label of more than 63 letters is refused before any name server is asked.
        let name = String(repeating: "x", count: 64)
        for url in ["amqp://a@\(name)/", "amqp://a@127.0.0.1:1/"] {
            #expect(try failure(url).kind == .unreachable)
        }
    }

    @Test("ends within its limit when the other side says nothing, with TLS and without")
    func silent() throws {
        let (listener, port) = try silentListener()
        defer { close(listener) }
        for scheme in ["amqp", "amqps"] {
            let began = ContinuousClock.now
            let error = try failure("\(scheme)://a@127.0.0.1:\(port)/")
            #expect(error.disposition == .transient, "\(error)")
            #expect(error.kind != .refused, "\(error)")
            #expect(began.duration(to: .now) < .seconds(60))
        }
    }

    @Test(
        "is refused for a certificate that is expired, of another authority or of another host",
        arguments: ["expired", "stranger", "other host"])
    func certificates(fault: String) async throws {
        try await withFolder { folder in
            let server = try TLSServer(folder, isExpired: fault == "expired")
            defer { server.stop() }
            let host = fault == "other host" ? "127.0.0.1" : "localhost"
            let authority = fault == "stranger" ? "stranger.pem" : "ca.pem"
            try await eventually(within: .seconds(30)) { server.isOpen }
            let error = try failure(
                "amqps://a@\(host):\(server.port)/", authority: "\(folder)/\(authority)")
            #expect(error.kind == .refused, "\(error)")
        }
    }

    private func failure(_ url: String, authority: String? = nil) throws -> BrokerError {
        let address = try BrokerAddress(url: url, certificateAuthority: authority)
        do {
            _ = try RabbitConnection(address, name: "test")
        } catch {
            return error
        }
        throw BrokerError(.topology, during: "test", "it was opened")
    }

    /// Takes connections, for the kernel does, and never says a word.
    private func silentListener() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, length) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, raw, &length) == 0
            }
        }
        try #require(isBound)
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}

/// A TLS server for `localhost`, made with OpenSSL's command line.
private final class TLSServer {
    let port: Int
    private let plain: BrokerAddress
    private let process = Process()

    init(_ folder: String, isExpired: Bool) throws {
        port = Int.random(in: 20_000..<30_000)
        plain = try BrokerAddress(url: "amqp://a@127.0.0.1:\(port)/")
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        try Self.run("req -x509 \(key) -keyout ca.key -out ca.pem -subj /CN=ca -days 2", folder)
        try Self.run(
            "req -x509 \(key) -keyout stranger.key -out stranger.pem -subj /CN=no -days 2", folder)
        try Self.run(
            "req \(key) -keyout s.key -out s.csr -subj /CN=localhost "
                + "-addext subjectAltName=DNS:localhost", folder)
        try Self.run(
            "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copy "
                + "-days \(isExpired ? -1 : 2) -out s.pem", folder)
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.currentDirectoryURL = URL(filePath: folder)
        process.arguments = [
            "s_server", "-quiet", "-accept", "127.0.0.1:\(port)", "-cert", "s.pem", "-key", "s.key",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    var isOpen: Bool {
        do {
            _ = try RabbitConnection(plain, name: "test")
            return true
        } catch {
            // It listens when it does not understand us.
            return !"\(error)".contains("connect to")
        }
    }

    func stop() {
        // It inherits a mask in which a polite signal waits for ever.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private static func run(_ words: String, _ folder: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.currentDirectoryURL = URL(filePath: folder)
        process.arguments = words.split(separator: " ").map(String.init)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
