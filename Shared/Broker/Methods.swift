import CRabbitMQ

// From the methods of AMQP 0-9-1, as the C library decodes them, to our words.

extension Incoming {
    /// Reads a method that stands alone; nil for one that concerns nobody.
    init?(_ method: amqp_method_t) {
        guard let decoded = method.decoded else { return nil }
        switch method.id {
        case AMQP_BASIC_ACK_METHOD:
            let ack = decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
            self = .settled(tag: ack.delivery_tag, multiple: ack.multiple != 0, isKept: true)
        case AMQP_BASIC_NACK_METHOD:
            let nack = decoded.assumingMemoryBound(to: amqp_basic_nack_t.self).pointee
            self = .settled(tag: nack.delivery_tag, multiple: nack.multiple != 0, isKept: false)
        case AMQP_BASIC_CANCEL_METHOD: self = .cancelled
        case AMQP_CONNECTION_BLOCKED_METHOD:
            let blocked = decoded.assumingMemoryBound(to: amqp_connection_blocked_t.self).pointee
            self = .blocked(reason: String(copying: blocked.reason))
        case AMQP_CONNECTION_UNBLOCKED_METHOD: self = .unblocked
        default: return nil
        }
    }
}

extension ContentAssembly {
    /// Begins with `basic.deliver` or `basic.return`.
    init?(beginning method: amqp_method_t) {
        guard let decoded = method.decoded else { return nil }
        if method.id == AMQP_BASIC_DELIVER_METHOD {
            let deliver = decoded.assumingMemoryBound(to: amqp_basic_deliver_t.self).pointee
            self.init(
                .delivery(tag: deliver.delivery_tag, isRedelivered: deliver.redelivered != 0),
                exchange: String(copying: deliver.exchange),
                routingKey: String(copying: deliver.routing_key))
        } else {
            let bounce = decoded.assumingMemoryBound(to: amqp_basic_return_t.self).pointee
            self.init(
                .bounce, exchange: String(copying: bounce.exchange),
                routingKey: String(copying: bounce.routing_key))
        }
    }

    /// Begins with `basic.get-ok`.
    init?(got method: amqp_method_t) {
        guard let decoded = method.decoded else { return nil }
        let got = decoded.assumingMemoryBound(to: amqp_basic_get_ok_t.self).pointee
        self.init(
            .delivery(tag: got.delivery_tag, isRedelivered: got.redelivered != 0),
            exchange: String(copying: got.exchange), routingKey: String(copying: got.routing_key))
    }
}

extension Message {
    /// The content header's properties; they live as long as `memory`.
    func properties(in memory: borrowing WireMemory) -> amqp_basic_properties_t {
        var properties = amqp_basic_properties_t()
        properties._flags =
            amqp_flags_t(AMQP_BASIC_CONTENT_TYPE_FLAG) | amqp_flags_t(AMQP_BASIC_HEADERS_FLAG)
            | amqp_flags_t(AMQP_BASIC_DELIVERY_MODE_FLAG)
            | amqp_flags_t(AMQP_BASIC_MESSAGE_ID_FLAG)
        properties.content_type = memory.bytes(contentType)
        properties.headers = memory.table(headers)
        properties.delivery_mode = 2  // persistent
        properties.message_id = memory.bytes(id)
        if let expirationMilliseconds {
            properties._flags |= amqp_flags_t(AMQP_BASIC_EXPIRATION_FLAG)
            properties.expiration = memory.bytes("\(expirationMilliseconds)")
        }
        return properties
    }
}
