import Telemetry

/// What we tell the broker about ourselves at login.
enum ClientProperties {
    /// The broker sends `basic.cancel` and `connection.blocked` only to those who say that they
    /// understand them; the C library alone does not.
    static func table(connectionName: String) -> [String: FieldValue] {
        let capabilities = [
            "authentication_failure_close", "basic.nack", "connection.blocked",
            "consumer_cancel_notify", "exchange_exchange_bindings", "publisher_confirms",
        ]
        return [
            "product": .text("millrace"), "version": .text(Version.current),
            "connection_name": .text(connectionName),
            "capabilities": .table(
                Dictionary(uniqueKeysWithValues: capabilities.map { ($0, .flag(true)) })),
        ]
    }
}
