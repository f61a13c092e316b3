import CRabbitMQ

extension BrokerError {
    /// What a negative return code of the C library means.
    init(status: Int32, during operation: String) {
        let text = String(cString: amqp_error_string2(status))
        let kind: Kind =
            switch amqp_status_enum(status) {
            case AMQP_STATUS_TIMEOUT, AMQP_STATUS_HEARTBEAT_TIMEOUT: .timedOut
            case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED, AMQP_STATUS_SSL_PEER_VERIFY_FAILED:
                .refused
            case AMQP_STATUS_TABLE_TOO_BIG: .unsendable
            default: .unreachable
            }
        self.init(kind, during: operation, text)
    }

    /// What the answer to a request means; nil when it is the one that was hoped for.
    init?(_ reply: amqp_rpc_reply_t, during operation: String) {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return nil
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            self.init(status: reply.library_error, during: operation)
        case AMQP_RESPONSE_SERVER_EXCEPTION: self.init(closing: reply.reply, during: operation)
        default: self.init(.unreachable, during: operation, "the broker closed the connection")
        }
    }

    /// Reads the reason from `connection.close` or `channel.close`.
    init(closing method: amqp_method_t, during operation: String) {
        let (code, text) =
            switch method.id {
            case AMQP_CONNECTION_CLOSE_METHOD: Self.reason(method, amqp_connection_close_t.self)
            case AMQP_CHANNEL_CLOSE_METHOD: Self.reason(method, amqp_channel_close_t.self)
            default: (0, "unexpected answer \(method.id)")
            }
        self.init(Self.kind(replyCode: code), during: operation, text, replyCode: code)
    }

    private static func reason<Close: ClosingMethod>(
        _ method: amqp_method_t, _ type: Close.Type
    ) -> (Int, String) {
        guard let close = method.decoded?.assumingMemoryBound(to: type).pointee else {
            return (0, "closed without a reason")
        }
        return (Int(close.reply_code), String(copying: close.reply_text))
    }

    /// AMQP 0-9-1's reply codes, as RabbitMQ uses them.
    private static func kind(replyCode: Int) -> Kind {
        switch replyCode {
        case 403, 530: .refused  // access refused; virtual host not found
        case 404, 405, 406: .topology  // not found; locked; precondition failed
        case 311: .unsendable  // content too large
        default: .unreachable
        }
    }
}

/// The two methods that end a connection or a channel give their reason in the same way.
private protocol ClosingMethod {
    var reply_code: UInt16 { get }
    var reply_text: amqp_bytes_t { get }
}

extension amqp_connection_close_t: ClosingMethod {}
extension amqp_channel_close_t: ClosingMethod {}
