import CCurl
import Lanes

/// Hands mail over to a mail server, on connections that it keeps open.
public final class MailClient: Sendable {
    private let pool: ConnectionPool<MailConnection>

    /// - Parameter connections: How many mails go out at the same time; the others wait.
    public init(_ server: MailServer, connections: Int = 2) {
        pool = ConnectionPool(size: connections) { number in
            MailConnection(lane: Lane("mail.\(number)"), server)
        }
    }

    /// Returns when the server has taken the message.
    ///
    /// - Throws: `OutboundError`: `busy` when the server says later, `refused` when it says no.
    public func send(_ message: MailMessage, timeout: Duration = .seconds(30)) async throws {
        let stop = StopFlag()
        try await withTaskCancellationHandler {
            try await pool.with { try await $0.send(message, timeout: timeout, stop: stop) }
        } onCancel: {
            stop.set()
        }
    }
}

/// One libcurl handle on a thread of its own.
private actor MailConnection {
    private nonisolated let lane: Lane
    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }
    private let handle = CurlHandle()
    private let server: MailServer

    init(lane: Lane, _ server: MailServer) {
        self.lane = lane
        self.server = server
    }

    func send(_ message: MailMessage, timeout: Duration, stop: StopFlag) throws {
        let transfer = Transfer(
            guardedBy: server.encryption == .off ? .loopbackOnly : .anywhere,
            isEncrypted: server.isEncryptedAtOnce, bodyLimitBytes: 65_536,
            upload: try message.rendered(), stop: stop)
        let recipients = CurlLines(["<\(message.recipient.mailbox)>"])
        handle.reset()
        try prepare(message, recipients: recipients, timeout: timeout)
        try handle.attach(transfer)
        let result = handle.perform()
        extendLifetime(recipients)
        // The handle keeps pointers to the recipients and the transfer until told otherwise.
        let code = handle.responseCode
        handle.reset()
        if result != CURLE_OK { throw error(result, replyCode: code, transfer) }
    }

    private func prepare(
        _ message: MailMessage, recipients: borrowing CurlLines, timeout: Duration
    ) throws(OutboundError) {
        try handle.set(CURLOPT_URL, server.url)
        try handle.setCommonOptions(
            protocols: "smtp,smtps", timeout: timeout,
            certificateAuthorities: server.certificateAuthorities)
        // Anything weaker than `all` sends in clear where the server offers no STARTTLS.
        let isEncrypted = server.encryption == .required
        try handle.set(
            CURLOPT_USE_SSL, isEncrypted ? curl_use_ssl_all() : curl_use_ssl_none())
        if let user = server.user { try handle.set(CURLOPT_USERNAME, user) }
        if let password = server.password { try handle.set(CURLOPT_PASSWORD, password) }
        try handle.set(CURLOPT_MAIL_FROM, "<\(message.sender.mailbox)>")
        try handle.set(CURLOPT_MAIL_RCPT, recipients)
        try handle.set(CURLOPT_UPLOAD, 1)
    }

    private func error(
        _ result: CURLcode, replyCode: Int, _ transfer: Transfer
    ) -> any Error {
        // After the refusal comes the answer to QUIT.
        let line = transfer.headerLines.last { $0.hasPrefix("\(replyCode)") }
        let reply = (line ?? "\(replyCode)").filter { $0 >= " " }.prefix(200)
        switch (result, replyCode) {
        case (CURLE_ABORTED_BY_CALLBACK, _), (CURLE_OPERATION_TIMEDOUT, _):
            return result.error(target: server.url, transfer)
        case (_, 400..<500):
            return OutboundError(
                .busy, server.url, "the mail server says `\(reply)`", replyCode: replyCode)
        case (_, 500..<600):
            return OutboundError(
                .refused, server.url, "the mail server says `\(reply)`", replyCode: replyCode)
        default:
            return result.error(target: server.url, transfer)
        }
    }
}
