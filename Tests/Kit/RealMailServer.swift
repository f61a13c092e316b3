import Foundation
import Processes
import Testing

/// A mail server that asks for STARTTLS and a password (aiosmtpd), and what it has taken.
public struct RealMailServer: Sendable {
    public let port: Int
    /// The authority behind its certificate.
    public let authority: String
    public let user = "millrace"
    public let password = "pa ss"
    private let folder: String

    /// `smtp://localhost:port`
    public var url: String { "smtp://localhost:\(port)" }

    /// The mails so far, as they came over the wire, the oldest first.
    public func mails() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".eml") }.sorted().map { folder + "/" + $0 }
    }

    /// What Python's `email` reads in a mail: an expression over `m`, `plain` and `html`.
    public func read(_ path: String, _ expression: String) async throws -> String {
        try await TestPython.run(
            """
            import sys, email, email.policy
            m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
            assert not m.defects, m.defects
            plain, html = (m.get_body(preferencelist=(k,)) for k in ('plain', 'html'))
            print(\(expression), end='')
            """, [path])
    }

    /// Runs `body` beside one.
    ///
    /// - Parameter refuseFirst: So many recipients get `451` first, as greylisting does.
    public static func with(
        refuseFirst: Int = 0, hasTLS: Bool = true,
        _ body: @Sendable (RealMailServer) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let made = try await Processes.run(
                Command(
                    "openssl",
                    [
                        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                        folder + "/key.pem", "-out", folder + "/ca.pem", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-days", "2",
                    ]))
            guard made.isSuccess else { throw TestPython.Failure(description: made.errorText) }
            let server = try await ChildProcess.start(
                Command(
                    TestPython.path ?? "python3",
                    ["-c", script, folder, "\(refuseFirst)", hasTLS ? "tls" : "plain"],
                    output: .null, errorOutput: .inherit))
            do {
                var port: Int?
                try await eventually {
                    port = Int(
                        (try? String(contentsOfFile: folder + "/port", encoding: .utf8)) ?? "")
                    return port != nil
                }
                try await body(
                    RealMailServer(port: port ?? 0, authority: folder + "/ca.pem", folder: folder))
                _ = await server.stop()
            } catch {
                _ = await server.stop()
                throw error
            }
        }
    }

    private static let script = """
        import asyncio, os, ssl, sys
        from aiosmtpd.smtp import SMTP, AuthResult
        folder, refuse, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
        class Handler:
            count = 0
            refused = 0
            async def handle_RCPT(self, server, session, envelope, address, options):
                if Handler.refused < refuse:
                    Handler.refused += 1
                    return '451 4.7.1 greylisted, come back'
                envelope.rcpt_tos.append(address)
                return '250 OK'
            async def handle_DATA(self, server, session, envelope):
                Handler.count += 1
                name = f'{folder}/{Handler.count:06}'
                with open(name + '.part', 'wb') as f:
                    f.write(envelope.content)
                os.rename(name + '.part', name + '.eml')
                return '250 OK'
        def check(server, session, envelope, mechanism, data):
            ok = data.login == b'millrace' and data.password == b'pa ss'
            return AuthResult(success=ok, handled=False)
        async def main():
            context = None
            if mode == 'tls':
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(folder + '/ca.pem', folder + '/key.pem')
            make = lambda: SMTP(Handler(), tls_context=context, require_starttls=context is not None,
                                auth_required=True, authenticator=check, auth_require_tls=True)
            server = await asyncio.get_running_loop().create_server(make, '127.0.0.1', 0)
            with open(folder + '/port.part', 'w') as f:
                f.write(str(server.sockets[0].getsockname()[1]))
            os.rename(folder + '/port.part', folder + '/port')
            await server.serve_forever()
        asyncio.run(main())
        """
}
