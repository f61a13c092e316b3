import Dispatch
import Synchronization

/// A mail server that delivers nowhere: it keeps what it gets, for a local stack and for tests.
///
/// It listens on the loopback only, knows no encryption and no users, and forgets everything when
/// the process ends.
public final class SMTPSink: Sendable {
    /// What it says to a recipient: nil for yes, else a reply such as `451 4.7.1 later`.
    public typealias Answer = @Sendable (_ recipient: String) -> String?

    private struct State {
        var mails: [ReceivedMail] = []
        var isClosed = false
    }

    /// The most mails kept; older ones go first.
    private static let limit = 10_000

    /// The port on 127.0.0.1 that it listens on.
    public let port: Int
    private let state = Mutex(State())

    /// Starts to listen.
    ///
    /// - Parameter port: 0 takes any free one.
    /// - Throws: `SocketError` when the port cannot be had.
    public init(port: Int = 0, answer: @escaping Answer = { _ in nil }) throws(SocketError) {
        let listener = try LoopbackListener(port: port)
        self.port = listener.port
        DispatchQueue(label: "millrace.smtp.listen").async { [weak self] in
            // Held only for a moment at a time, so that it can go out of scope.
            while let isClosed = self?.isClosed, !isClosed {
                guard let connection = listener.accept(milliseconds: 50) else { continue }
                self?.serve(connection, answer)
            }
            listener.close()
        }
    }

    deinit { close() }

    /// `smtp://127.0.0.1:port`
    public var url: String { "smtp://127.0.0.1:\(port)" }

    /// What has come so far, oldest first.
    public var mails: [ReceivedMail] { state.withLock { $0.mails } }

    /// Stops listening and ends the conversations that are going on, within a moment.
    public func close() { state.withLock { $0.isClosed = true } }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    private func serve(_ connection: Int32, _ answer: @escaping Answer) {
        DispatchQueue(label: "millrace.smtp.talk").async { [weak self] in
            let lines = SocketLines(connection) { self?.isClosed ?? true }
            var session = SMTPSession(answer: answer)
            lines.send(SMTPSession.greeting)
            while let line = lines.next(), let step = session.take(line) {
                if let mail = step.mail { self?.keep(mail) }
                if let reply = step.reply { lines.send(reply) }
                if step.isLast { break }
            }
            lines.close()
        }
    }

    private func keep(_ mail: ReceivedMail) {
        state.withLock { state in
            state.mails.append(mail)
            if state.mails.count > Self.limit { state.mails.removeFirst() }
        }
    }
}
