import HTTPServer
import Service
import Telemetry

/// Serves the subscribers' pages on an address of its own, which a proxy may lead the world to.
struct PageServer: Sendable {
    let settings: PageSettings
    let pages: SubscriberPages

    /// Works until it is cancelled. While another notifier of this host has the port, it serves the
    /// pages; this one takes over when it is gone.
    func run() async throws {
        var isTold = false
        while true {
            do throws(HTTPServerError) {
                let server = try HTTPServer(
                    address: settings.address, port: settings.port, bodyLimitBytes: 4 << 10)
                pages.context.log.info("pages served", ["http.port": "\(server.port)"])
                await server.run { await pages.respond(to: $0) }
                return
            } catch {
                if !isTold { pages.context.log.error("no pages", ["error": "\(error)"]) }
                isTold = true
            }
            try await Task.sleep(for: .seconds(5))
        }
    }
}
