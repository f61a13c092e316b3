import Broker
import Events
import Foundation
import Telemetry
import Testing

let quiet = Log(service: "test", threshold: .error, form: .text)

func landed(_ id: String, pipeline: String = "p") throws -> Event {
    try Event(
        ObjectLanded(
            pipeline: pipeline, revision: "r", dataset: "d", object: "landing/\(id)", bytes: 1,
            sha256: nil, times: [.landed: Date(timeIntervalSince1970: 1)]),
        id: id, from: "/millrace/test/here")
}

/// The queues of the transformer, which takes `object.landed`.
func transformer() throws -> ServiceQueues {
    try #require(ServiceQueues.of("transformer", host: "here"))
}
