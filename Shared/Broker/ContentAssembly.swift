import Foundation

/// Puts a message together from its frames: a method, a header, bodies.
///
/// AMQP lets nothing else of the same channel come between them.
struct ContentAssembly {
    /// What the message is for.
    enum Purpose {
        case delivery(tag: UInt64, isRedelivered: Bool)
        case bounce
    }

    private let purpose: Purpose
    private let exchange: String
    private let routingKey: String
    private var message: Message?
    private var missingBytes: UInt64 = 0

    init(_ purpose: Purpose, exchange: String, routingKey: String) {
        self.purpose = purpose
        self.exchange = exchange
        self.routingKey = routingKey
    }

    /// Takes the header; returns the whole message when it has no body.
    mutating func begin(_ header: Message, bodyBytes: UInt64) -> Incoming? {
        message = header
        missingBytes = bodyBytes
        return finish()
    }

    /// Takes the next piece of the body; returns the whole message after the last one.
    mutating func append(_ piece: Data) -> Incoming? {
        // Nearly always it is all in one piece, which then needs no copy.
        if message?.body.isEmpty == true {
            message?.body = piece
        } else {
            message?.body.append(piece)
        }
        missingBytes -= min(missingBytes, UInt64(piece.count))
        return finish()
    }

    private mutating func finish() -> Incoming? {
        guard missingBytes == 0, let message = message.take() else { return nil }
        return switch purpose {
        case .delivery(let tag, let isRedelivered):
            .delivered(
                Incoming.Arrival(
                    tag: tag, isRedelivered: isRedelivered, exchange: exchange,
                    routingKey: routingKey, message: message))
        case .bounce:
            .returned(id: message.id, exchange: exchange, routingKey: routingKey)
        }
    }
}
