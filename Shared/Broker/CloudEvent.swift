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

    /// An attribute's header; the AMQP binding allows both separators. Put together once, not for
    /// each message.
    private struct Attribute: Sendable {
        let header: String
        let otherHeader: String

        init(_ name: String) {
            header = "cloudEvents:\(name)"
            otherHeader = "cloudEvents_\(name)"
        }

        static let specversion = Attribute("specversion")
        static let id = Attribute("id")
        static let type = Attribute("type")
        static let source = Attribute("source")
        static let time = Attribute("time")
        static let subject = Attribute("subject")
        static let pipeline = Attribute("pipeline")
        static let dataset = Attribute("dataset")
    }

    /// The event as a message.
    public static func message(for event: Event) -> Message {
        var headers: [String: FieldValue] = [
            Attribute.specversion.header: .text("1.0"),
            Attribute.id.header: .text(event.id),
            Attribute.type.header: .text(event.kind.cloudEventType),
            Attribute.source.header: .text(event.source),
            Attribute.time.header: .text(EventJSON.text(of: event.time)),
            Attribute.subject.header: .text("\(event.pipeline)/\(event.dataset)"),
            Attribute.pipeline.header: .text(event.pipeline),
            Attribute.dataset.header: .text(event.dataset),
            "traceparent": .text(event.trace.traceparent),
        ]
        headers[MillraceHeader.causation] = event.causation.map(FieldValue.text)
        return Message(id: event.id, headers: headers, body: event.data)
    }

    /// The event in a message.
    public static func event(in message: Message) throws(Problem) -> Event {
        guard let type = text(of: .type, in: message) else {
            throw .malformed("the message has no header `cloudEvents:type`")
        }
        guard let kind = EventKind(cloudEventType: type) else { throw .unknownType(type) }
        guard let time = EventJSON.date(from: try required(.time, in: message)) else {
            throw .malformed("`cloudEvents:time` is not an RFC 3339 time")
        }
        let trace = message.headers["traceparent"]?.text.flatMap(TraceContext.init(traceparent:))
        return Event(
            id: try required(.id, in: message), kind: kind,
            source: try required(.source, in: message), time: time,
            pipeline: try required(.pipeline, in: message),
            dataset: try required(.dataset, in: message), trace: trace ?? TraceContext(),
            causation: message.headers[MillraceHeader.causation]?.text, data: message.body)
    }

    private static func required(
        _ attribute: Attribute, in message: Message
    ) throws(Problem) -> String {
        guard let text = text(of: attribute, in: message), !text.isEmpty else {
            throw .malformed("the message has no header `\(attribute.header)`")
        }
        return text
    }

    private static func text(of attribute: Attribute, in message: Message) -> String? {
        (message.headers[attribute.header] ?? message.headers[attribute.otherHeader])?.text
    }
}
