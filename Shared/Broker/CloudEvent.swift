public import Events
import Foundation

/// CloudEvents 1.0 in binary mode over AMQP: attributes as headers, the data as the body.
public enum CloudEvent {
    /// Why a message is not an event that we can read.
    public enum Problem: Error, Equatable {
        /// An event, but of a type or version that this release does not know.
        case unknownType(String)
        /// Not an event; the sentence says what is missing.
        case malformed(String)
    }

    /// The event as a message.
    public static func message(for event: Event) -> Message {
        var headers: [String: FieldValue] = [
            "cloudEvents:specversion": .text("1.0"),
            "cloudEvents:id": .text(event.id),
            "cloudEvents:type": .text(event.kind.cloudEventType),
            "cloudEvents:source": .text(event.source),
            "cloudEvents:time": .text(EventJSON.text(of: event.time)),
            "cloudEvents:subject": .text("\(event.pipeline)/\(event.dataset)"),
            "cloudEvents:pipeline": .text(event.pipeline),
            "cloudEvents:dataset": .text(event.dataset),
            "traceparent": .text(event.trace.traceparent),
        ]
        headers[MillraceHeader.causation] = event.causation.map(FieldValue.text)
        return Message(id: event.id, headers: headers, body: event.data)
    }

    /// The event in a message.
    public static func event(in message: Message) throws(Problem) -> Event {
        guard let type = attribute("type", of: message) else {
            throw .malformed("the message has no header `cloudEvents:type`")
        }
        guard let kind = EventKind(cloudEventType: type) else { throw .unknownType(type) }
        func required(_ name: String) throws(Problem) -> String {
            guard let text = attribute(name, of: message), !text.isEmpty else {
                throw .malformed("the message has no header `cloudEvents:\(name)`")
            }
            return text
        }
        guard let time = EventJSON.date(from: try required("time")) else {
            throw .malformed("`cloudEvents:time` is not an RFC 3339 time")
        }
        let trace = message.headers["traceparent"]?.text.flatMap(TraceContext.init(traceparent:))
        return Event(
            id: try required("id"), kind: kind, source: try required("source"), time: time,
            pipeline: try required("pipeline"), dataset: try required("dataset"),
            trace: trace ?? TraceContext(),
            causation: message.headers[MillraceHeader.causation]?.text, data: message.body)
    }

    /// The AMQP binding allows both separators.
    private static func attribute(_ name: String, of message: Message) -> String? {
        (message.headers["cloudEvents:\(name)"] ?? message.headers["cloudEvents_\(name)"])?.text
    }
}
