/// How long things may take on a connection. The server ends what takes longer; where it does not,
/// because it hangs or the network is gone, this side gives the connection up a little later.
public struct PostgresLimits: Sendable, Equatable {
    /// One statement, a whole COPY included. Below the time for which the broker lets an event be
    /// held.
    public var statement: Duration
    /// The end of a transaction.
    public var settling: Duration
    /// Waiting for a lock that somebody else has.
    public var lock: Duration
    /// A transaction in which nothing is asked: its locks must not outlast a process that hangs.
    public var idle: Duration

    public init(
        statement: Duration = .seconds(1_200), settling: Duration = .seconds(60),
        lock: Duration = .seconds(60), idle: Duration = .seconds(120)
    ) {
        self.statement = statement
        self.settling = settling
        self.lock = lock
        self.idle = idle
    }

    /// The session's settings. The server also looks whether a client is still there while it works
    /// for it: a killed one's locks are free within seconds.
    var options: String {
        let settings = [
            "DateStyle": "ISO,YMD", "TimeZone": "UTC", "standard_conforming_strings": "on",
            "statement_timeout": Self.milliseconds(statement),
            "lock_timeout": Self.milliseconds(lock),
            "idle_in_transaction_session_timeout": Self.milliseconds(idle),
            "client_connection_check_interval": "5000", "tcp_keepalives_idle": "15",
            "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3",
            "tcp_user_timeout": "30000",
        ]
        return settings.sorted { $0.key < $1.key }.map { "-c \($0.key)=\($0.value)" }
            .joined(separator: " ")
    }

    private static func milliseconds(_ duration: Duration) -> String {
        "\(Int(duration / .milliseconds(1)))"
    }
}
