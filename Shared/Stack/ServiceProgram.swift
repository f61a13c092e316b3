import Foundation
import Outbound
import Processes

/// How a service is started: its program, its settings, its port and where its lines go.
struct ServiceProgram: Sendable {
    let part: StackPart
    let path: String
    let environment: [String: String]
    /// Of /readyz and /metrics.
    let port: Int
    /// What it prints and does not log, e.g. when it crashes.
    let sink: @Sendable ([UInt8]) -> Void

    /// Starts it and returns when it says that it is ready.
    ///
    /// - Throws: `StackError`; it does not run then.
    func start() async throws -> RunningService {
        var settings = environment
        settings["MILLRACE_HTTP_PORT"] = String(port)
        let command = Command(
            path, environment: settings, output: .pipe, errorOutput: .pipe,
            stopGrace: .seconds(25))
        let child = try await ChildProcess.start(command)
        let last = LastLines()
        for descriptor in [child.takeOutput(), child.takeErrorOutput()].compactMap(\.self) {
            LogPump.start(descriptor, part.rawValue) { line in
                last.add(line)
                sink(line)
            }
        }
        guard let identity = ProcessIdentity(of: child.id) else {
            _ = await child.stop()
            throw StackError("\(part.rawValue) ended at once\(last.text)")
        }
        let service = RunningService(child: child, processes: [identity])
        do {
            try await waitUntilReady(identity, last)
        } catch {
            await service.stop()
            throw error
        }
        return service
    }

    private func waitUntilReady(_ identity: ProcessIdentity, _ last: LastLines) async throws {
        let client = HTTPClient("ready-\(part.rawValue)", connections: 1)
        let request = HTTPRequest(.get, "http://127.0.0.1:\(port)/readyz", timeout: .seconds(2))
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(60)
        while clock.now < deadline {
            do {
                if try await client.send(request).isSuccess { return }
            } catch is OutboundError {
                // It does not listen yet.
            }
            guard identity.isAlive else {
                throw StackError("\(part.rawValue) ended while it started\(last.text)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw StackError("\(part.rawValue) is not ready after 60 s\(last.text)")
    }
}

/// A service that runs.
struct RunningService: RunningPart {
    let child: ChildProcess
    let processes: [ProcessIdentity]

    func ended() async -> String {
        do {
            return "\(try await child.wait().ending)"
        } catch {
            return "stopped"
        }
    }

    func stop() async { _ = await child.stop() }
}
