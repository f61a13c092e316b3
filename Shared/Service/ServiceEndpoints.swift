import Broker
import HTTPServer
import Telemetry

/// What a service tells over HTTP: that it is alive, whether it is ready, its numbers.
struct ServiceEndpoints: Sendable {
    let context: ServiceContext
    let readiness: Readiness
    let intake: EventIntake?

    func respond(to request: HTTPServerRequest) async -> HTTPServerResponse {
        guard request.method == "GET" || request.method == "HEAD" else {
            return HTTPServerResponse("only GET is answered here\n", status: 405)
        }
        return switch request.path {
        case "/healthz": HTTPServerResponse("\(context.name) \(Version.current)\n")
        case "/readyz": await ready()
        case "/metrics": metrics()
        default: .notFound
        }
    }

    private func ready() async -> HTTPServerResponse {
        var failures = await readiness.failures()
        if let intake, !intake.consumer.isConnected {
            failures["broker"] = "no connection to take events from"
        }
        var lines = readiness.names.map { name in "\(name): \(failures[name] ?? "ok")\n" }
        // No reason for 503: with one event at a time the service finds out by itself.
        if let reason = intake?.gate.openReason { lines.append("events: all fail: \(reason)\n") }
        return HTTPServerResponse(lines.joined(), status: failures.isEmpty ? 200 : 503)
    }

    private func metrics() -> HTTPServerResponse {
        ProcessUsage.current().write(to: context.metrics)
        return HTTPServerResponse(
            context.metrics.render(), contentType: "text/plain; version=0.0.4; charset=utf-8")
    }
}
