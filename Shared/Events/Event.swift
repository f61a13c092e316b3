public import struct Foundation.Data
public import struct Foundation.Date

/// A message that states a fact: a CloudEvent (1.0) about one dataset of one pipeline.
public struct Event: Sendable, Equatable {
    /// Unique together with `source`; the same on every retry and redelivery.
    public var id: String
    public var kind: EventKind
    /// Who says it: `/millrace/<service>/<host>`.
    public var source: String
    public var time: Date
    public var pipeline: String
    /// The dataset, or the model's name, or `_` where the event is about a whole pipeline.
    public var dataset: String
    public var trace: TraceContext
    /// The id of the event that this one follows from.
    public var causation: String?
    /// The payload as JSON: keys, counts and times, never records.
    public var data: Data

    /// Memberwise; services use `init(_:from:about:)`.
    public init(
        id: String, kind: EventKind, source: String, time: Date, pipeline: String,
        dataset: String, trace: TraceContext, causation: String?, data: Data
    ) {
        self.id = id
        self.kind = kind
        self.source = source
        self.time = time
        self.pipeline = pipeline
        self.dataset = dataset
        self.trace = trace
        self.causation = causation
        self.data = data
    }

    /// `<entity>.<verb>.<pipeline>.<dataset>`
    public var routingKey: String { "\(kind.rawValue).\(pipeline).\(dataset)" }
}

/// The payload of one kind of event.
public protocol EventData: Codable, Sendable, Equatable {
    /// The kind that this is the payload of.
    static var kind: EventKind { get }
    var pipeline: String { get }
    /// The dataset, the model's name, or `_`.
    var subject: String { get }
}

extension Event {
    /// States a fact.
    ///
    /// - Parameters:
    ///   - id: What makes the fact the same when it is stated twice, e.g. the batch and the verb;
    ///     nil for a new one.
    ///   - source: `/millrace/<service>/<host>`.
    ///   - cause: The event that it follows from, whose trace it continues.
    public init<Payload: EventData>(
        _ payload: Payload, id: String? = nil, from source: String, after cause: Event? = nil
    ) throws {
        self.init(
            id: id ?? ULID().description, kind: Payload.kind, source: source, time: Date(),
            pipeline: payload.pipeline, dataset: payload.subject,
            trace: cause?.trace.child() ?? TraceContext(), causation: cause?.id,
            data: try EventJSON.encode(payload))
    }

    /// Reads the payload.
    ///
    /// - Throws: `HandlingError` (poison) that says what is wrong with it.
    public func payload<Payload: EventData>(_ type: Payload.Type = Payload.self) throws -> Payload {
        guard kind == Payload.kind else {
            throw HandlingError(
                .poison, "event.kind", "expected \(Payload.kind.rawValue), got \(kind.rawValue)")
        }
        do {
            return try EventJSON.decode(type, from: data)
        } catch {
            throw HandlingError(
                .poison, "event.unreadable",
                "the data of \(kind.rawValue) \(id) cannot be read: \(error)")
        }
    }
}
