import Events
import Foundation
import Testing

@testable import Broker

@Suite("A CloudEvent")
struct CloudEventTests {
    @Test("comes out of a message as it went in")
    func roundTrip() throws {
        var event = try landed("7")
        event.causation = "6"
        // The header has milliseconds.
        event.time = Date(timeIntervalSince1970: 1_700_000_000.25)
        #expect(try CloudEvent.event(in: CloudEvent.message(for: event)) == event)
    }

    @Test("of another version is unknown, not broken")
    func version() throws {
        var message = CloudEvent.message(for: try landed("7"))
        message.headers["cloudEvents:type"] = .text("io.millrace.object.landed.v2")
        #expect(throws: CloudEvent.Problem.unknownType("io.millrace.object.landed.v2")) {
            try CloudEvent.event(in: message)
        }
    }

    @Test(
        "without what it must have is malformed",
        arguments: ["type", "id", "source", "time", "pipeline", "dataset"])
    func missing(attribute: String) throws {
        var message = CloudEvent.message(for: try landed("7"))
        message.headers["cloudEvents:\(attribute)"] = nil
        #expect(throws: CloudEvent.Problem.self) { try CloudEvent.event(in: message) }
    }

    @Test("may be written with the binding's other separator")
    func underscore() throws {
        let event = try landed("7")
        var message = CloudEvent.message(for: event)
        message.headers = Dictionary(
            uniqueKeysWithValues: message.headers.map {
                ($0.replacing("cloudEvents:", with: "cloudEvents_"), $1)
            })
        #expect(try CloudEvent.event(in: message).id == event.id)
    }
}
