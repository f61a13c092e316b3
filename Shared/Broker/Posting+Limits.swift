extension Posting {
    /// AMQP's limit for names, keys and ids.
    static let shortTextBytes = 255
    /// Headers must fit into one frame (128 KiB), and the broker adds its own to a dead letter.
    static let headerBytes = 64 << 10
    /// An event holds keys, counts and times; what is larger is a mistake.
    static let bodyBytes = 16 << 20

    /// - Throws: `BrokerError` (unsendable) for what would break the connection or the broker
    ///   would refuse: the error must hit this message alone.
    func check() throws(BrokerError) {
        for (what, text) in [
            ("message id", message.id), ("routing key", routingKey), ("exchange", exchange),
            ("content type", message.contentType),
        ] where text.utf8.count > Self.shortTextBytes {
            throw unsendable("\(what) has \(text.utf8.count) bytes, \(Self.shortTextBytes) fit")
        }
        if let key = message.headers.keys.first(where: { $0.utf8.count > 128 }) {
            throw unsendable("the header name `\(key.prefix(40))…` has more than 128 bytes")
        }
        let headers = message.headers.wireBytes
        guard headers <= Self.headerBytes else {
            throw unsendable("headers have \(headers) bytes, \(Self.headerBytes) fit")
        }
        guard message.body.count <= Self.bodyBytes else {
            throw unsendable("the body has \(message.body.count) bytes, \(Self.bodyBytes) fit")
        }
    }

    private func unsendable(_ reason: String) -> BrokerError {
        BrokerError(.unsendable, during: "publish \(message.id.prefix(80))", reason)
    }
}

extension [String: FieldValue] {
    /// Bytes in an encoded table, about.
    var wireBytes: Int { reduce(0) { $0 + $1.key.utf8.count + 2 + $1.value.wireBytes } }
}

extension FieldValue {
    /// Bytes in an encoded table, the kind's letter included.
    var wireBytes: Int {
        switch self {
        case .text(let text): 5 + text.utf8.count
        case .number: 9
        case .flag: 2
        case .other: 1
        case .list(let values): values.reduce(5) { $0 + $1.wireBytes }
        case .table(let values):
            values.reduce(5) { $0 + $1.key.utf8.count + 1 + $1.value.wireBytes }
        }
    }
}
