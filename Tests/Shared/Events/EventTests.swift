import Events
import Foundation
import Testing

@Suite("An event")
struct EventTests {
    private let landed = ObjectLanded(
        pipeline: "goodreads", revision: "abc", dataset: "reviews", object: "landing/x", bytes: 3,
        sha256: nil, times: [.arrived: Date(timeIntervalSince1970: 1_582_166_177.5)])

    @Test("gives back the payload that it was made from")
    func roundTrip() throws {
        let event = try Event(landed, from: "/millrace/lander/here")
        #expect(try event.payload(ObjectLanded.self) == landed)
        #expect(event.routingKey == "object.landed.goodreads.reviews")
        #expect(event.kind.cloudEventType == "io.millrace.object.landed.v1")
        #expect(EventKind(cloudEventType: "io.millrace.object.landed.v1") == .objectLanded)
        #expect(EventKind(cloudEventType: "io.millrace.object.landed.v2") == nil)
    }

    @Test("continues the trace of its cause")
    func trace() throws {
        let cause = try Event(landed, from: "/millrace/lander/here")
        let event = try Event(landed, from: "/millrace/transformer/here", after: cause)
        #expect(event.trace.traceID == cause.trace.traceID)
        #expect(event.trace.spanID != cause.trace.spanID)
        #expect(event.causation == cause.id)
        #expect(TraceContext(traceparent: event.trace.traceparent) == event.trace)
    }

    @Test("is poison to who expects another kind, or when its data is cut")
    func poison() throws {
        var event = try Event(landed, from: "/millrace/lander/here")
        #expect(throws: HandlingError.self) { try event.payload(BatchTransformed.self) }
        event.data = event.data.dropLast(4)
        let error = #expect(throws: HandlingError.self) { try event.payload(ObjectLanded.self) }
        #expect(error?.disposition == .poison)
    }

    @Test("writes the same bytes for the same payload")
    func stableBytes() throws {
        #expect(try EventJSON.encode(landed) == EventJSON.encode(landed))
        let text = String(decoding: try EventJSON.encode(landed), as: UTF8.self)
        #expect(text.contains("\"arrived\":\"2020-02-20T02:36:17.500Z\""))
    }

    @Test("carries a time from hop to hop without moving it")
    func times() throws {
        for millisecond in 1_000..<2_000 {
            let text = "2026-11-21T09:14:02.\(String(millisecond).dropFirst())Z"
            #expect(try EventJSON.text(of: #require(EventJSON.date(from: text))) == text)
        }
    }

    @Test("writes its time as Foundation does, and reads it back to the millisecond")
    func formatted() {
        let foundation = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for _ in 0..<2000 {
            // A quarter of a second is exact in binary, so that cutting has nothing to lose.
            let date = Date(
                timeIntervalSince1970: Double(Int.random(in: 0..<1_000_000_000_000)) / 4)
            guard date < Date(timeIntervalSince1970: 253_402_300_800) else { continue }
            #expect(EventJSON.text(of: date) == date.formatted(foundation))
            #expect(EventJSON.date(from: EventJSON.text(of: date)) == date)
        }
        for thousandth in 0..<1000 {
            let text = String(format: "2026-02-28T23:59:59.%03dZ", thousandth)
            #expect(EventJSON.date(from: text).map(EventJSON.text) == text)
        }
        #expect(EventJSON.date(from: "2024-02-29T00:00:00.000Z") != nil)
        #expect(
            EventJSON.date(from: "2026-01-01T01:00:00+01:00")
                == EventJSON.date(from: "2026-01-01T00:00:00Z"))
        for wrong in ["2026-13-01T00:00:00.000Z", "2026-01-01T00:00:0x.000Z", "soon", ""] {
            #expect(EventJSON.date(from: wrong) == nil, "\(wrong)")
        }
    }
}
