import Broker
import Lanes
import Synchronization
import Telemetry

/// Whether the broker is set up as the service needs it: asked over the management API before the
/// service takes its first event.
///
/// AMQP shows whether a queue is there, but not its policies. Without a delivery limit a message
/// that kills the service comes back for ever; without a dead-letter exchange it is thrown away.
final class TopologyCheck: Sendable {
    private let api: TopologyAPI?
    private let context: ServiceContext
    private let hasPassed = Mutex(false)

    /// - Parameter url: Of the management API; nil means that there is none.
    init(_ url: String?, _ broker: BrokerAddress, _ context: ServiceContext) {
        api = url.map { url in
            TopologyAPI(
                .millrace(hosts: [context.host]), over: ManagementAPI(url: url, as: broker),
                virtualHost: broker.virtualHost)
        }
        self.context = context
    }

    /// Returns once the broker is as it should be. While the API is away, it waits.
    ///
    /// - Throws: `BrokerError` (topology, refused) that says what a person must do.
    func run() async throws {
        guard let api else {
            context.log.warning(
                "MILLRACE_BROKER_API is not set; the broker's policies are not verified")
            return pass()
        }
        var backoff = Backoff(from: .milliseconds(500), upTo: .seconds(15))
        while !Task.isCancelled {
            switch await Self.outcome(api, context) {
            case .success: return pass()
            case .failure(let error as BrokerError)
            where error.kind == .topology || error.kind == .refused:
                throw error
            case .failure(let error):
                context.log.warning(
                    "the topology cannot be verified yet", ["error": "\(error)"])
                await pause(backoff.next())
            }
        }
    }

    /// For the service's readiness.
    ///
    /// - Throws: While it has not passed.
    func demand() throws {
        guard hasPassed.withLock({ $0 }) else {
            throw BrokerError(
                .topology, during: "verify the topology", "it has not been verified yet")
        }
    }

    private func pass() { hasPassed.withLock { $0 = true } }

    // Not inlined, and the error as a value: the optimiser of Swift 6.3 crashes on typed errors
    // that become untyped ones inside async functions.
    @inline(never)
    private static func outcome(
        _ api: TopologyAPI, _ context: ServiceContext
    ) async -> Result<Void, any Error> {
        do {
            return .success(try await api.verify(for: context.name, on: context.host))
        } catch {
            return .failure(error)
        }
    }
}
