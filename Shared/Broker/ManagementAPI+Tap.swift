import Events
import Foundation
import Outbound

/// A message as the management API tells of it.
public struct HeardMessage: Sendable {
    /// AMQP's `message-id`.
    public let id: String
    public let routingKey: String
    /// What the API takes to publish it once more.
    fileprivate let body: Data
}

/// Listening in on an exchange, for those who rehearse failures and look for them.
extension ManagementAPI {
    /// Brings a copy of what is said to an exchange with some keys into a queue of its own. The
    /// queue goes by itself when nobody has asked for it for a minute.
    public func tap(
        _ exchange: String, _ keys: [String], into queue: String, in virtualHost: String
    ) async throws {
        try await change(
            .put, ["queues", virtualHost, queue],
            [
                "durable": .flag(false),
                "arguments": .table([
                    "x-queue-type": .text("classic"), "x-expires": .number(60_000),
                    "x-max-length": .number(100_000),
                ]),
            ])
        for key in keys {
            try await change(
                .post, ["bindings", virtualHost, "e", exchange, "q", queue],
                ["routing_key": .text(key)])
        }
    }

    /// Removes a queue with what is in it.
    public func deleteQueue(_ name: String, in virtualHost: String) async throws {
        try await change(.delete, ["queues", virtualHost, name])
    }

    /// Takes the oldest messages out of a queue.
    public func take(
        from queue: String, in virtualHost: String, limit: Int
    ) async throws -> [HeardMessage] {
        let wish: [String: FieldValue] = [
            "count": .number(limit), "ackmode": .text("ack_requeue_false"),
            "encoding": .text("auto"),
        ]
        let answer = try await ask(.post, ["queues", virtualHost, queue, "get"], wish)
        let messages = try JSONSerialization.jsonObject(with: answer) as? [[String: Any]] ?? []
        return try messages.map { message in
            let properties = message["properties"] as? [String: Any]
            let body: [String: Any?] = [
                "properties": properties, "routing_key": message["routing_key"],
                "payload": message["payload"], "payload_encoding": message["payload_encoding"],
            ]
            return HeardMessage(
                id: properties?["message_id"] as? String ?? "",
                routingKey: message["routing_key"] as? String ?? "",
                body: try JSONSerialization.data(withJSONObject: body.compactMapValues(\.self)))
        }
    }

    /// Says a message that was heard to an exchange, as it was.
    public func say(
        _ message: HeardMessage, to exchange: String, in virtualHost: String
    ) async throws {
        _ = try await send(
            .post, ["exchanges", virtualHost, exchange, "publish"], body: message.body)
    }

    /// How often messages of each queue were delivered once more, since the broker's start.
    public func redeliveries(in virtualHost: String) async throws -> [String: Int] {
        struct Queue: Decodable {
            struct Statistics: Decodable { let redeliver: Int? }
            let name: String
            let statistics: Statistics?
            enum CodingKeys: String, CodingKey {
                case name
                case statistics = "message_stats"
            }
        }
        let queues: [Queue] = try await list(["queues", virtualHost])
        return Dictionary(queues.map { ($0.name, $0.statistics?.redeliver ?? 0) }) { $1 }
    }

    private func ask(
        _ method: HTTPRequest.Method, _ path: [String], _ body: [String: FieldValue]
    ) async throws -> Data {
        try await send(method, path, body: try EventJSON.encode(body)).body
    }
}
