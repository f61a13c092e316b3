import Broker
import Events
import Foundation
import HTTPServer
import Lanes
import Telemetry

/// Everything around a service's parts: connections, workers, health, and the order of the end.
struct ServiceRuntime: Sendable {
    private let settings: ServiceSettings
    private let broker: BrokerAddress
    private let context: ServiceContext
    private let publisher: RabbitPublisher

    init(_ name: String, _ settings: ServiceSettings, broker: BrokerAddress) {
        self.settings = settings
        self.broker = broker
        let log = Log(service: name, threshold: settings.logLevel, form: settings.logForm)
        let metrics = Metrics()
        publisher = RabbitPublisher(
            broker, name: "millrace-\(name) publish", log: log, metrics: metrics)
        context = ServiceContext(
            name: name, host: settings.host, log: log, metrics: metrics, publisher: publisher,
            broker: broker, brokerAPI: settings.brokerAPI)
    }

    /// Runs until `stop` says something, or a part fails.
    ///
    /// - Parameter stop: Signals; the second one ends the process at once.
    /// - Returns: The process's exit code.
    func run(
        stop: AsyncStream<Int32>, _ assemble: (ServiceContext) async throws -> ServiceParts
    ) async -> Int32 {
        do {
            let parts = try await assemble(context)
            let server = try listen()
            try await run(parts, server, stop)
            context.log.info("stopped")
            return 0
        } catch {
            context.log.error("service failed", ["error": "\(error)"])
            return 1
        }
    }

    private func listen() throws -> HTTPServer {
        let server = try HTTPServer(
            address: settings.httpAddress, port: UInt16(settings.httpPort), bodyLimitBytes: 1 << 10)
        context.log.info(
            "started", ["http.port": "\(server.port)", "version": Version.current])
        if let path = settings.httpPortFile {
            try Data("\(server.port)\n".utf8).write(to: URL(filePath: path), options: .atomic)
        }
        return server
    }

    private func run(
        _ parts: ServiceParts, _ server: HTTPServer, _ signals: AsyncStream<Int32>
    ) async throws {
        let topology = TopologyCheck(settings.brokerAPI, broker, context)
        let readiness = Readiness(
            parts.readiness.merging(["broker": checkBroker, "topology": topology.demand]) {
                own, _ in
                own
            },
            log: context.log, metrics: context.metrics)
        let intake = parts.handler.map { makeIntake($0, readiness) }
        let endpoints = ServiceEndpoints(
            context: context, readiness: readiness, intake: intake)
        let brake = OutageBrake(readiness: readiness, gate: intake?.gate, log: context.log)
        let (stop, stopping) = AsyncStream<Never>.makeStream()
        try await withThrowingTaskGroup(of: Ending.self) { group in
            func support(_ body: @escaping @Sendable () async throws -> Void) {
                group.addTask {
                    try await body()
                    return .ofSupport
                }
            }
            support { try await publisher.run() }
            support { await server.run { await endpoints.respond(to: $0) } }
            support { await brake.run() }
            if !parts.disks.isEmpty {
                support { await disks(parts).run() }
            }
            support { await listen(to: signals, stopping) }
            support {
                try await topology.run()
                if let intake { try await consume(intake) }
            }
            if let intake {
                support { await BreakerWatch(gate: intake.gate, context: context).run() }
            }
            group.addTask {
                try await work(parts.background, intake, until: stop)
                return .ofWork
            }
            while try await group.next() == .ofSupport {}
            group.cancelAll()
        }
    }

    private func disks(_ parts: ServiceParts) -> DiskWatch {
        DiskWatch(disks: parts.disks, limit: settings.diskLow, context: context)
    }

    /// Takes events only once what follows from them can be said.
    private func consume(_ intake: EventIntake) async throws {
        while !publisher.isConnected, !Task.isCancelled { await pause(.milliseconds(10)) }
        await intake.gate.look()
        try await intake.consumer.run()
    }

    /// Which of the tasks has ended: when the work has, the rest is not needed any more.
    private enum Ending { case ofSupport, ofWork }

    /// While nothing can be said, no event can be finished: it is held like in any other outage.
    private func checkBroker() throws {
        guard publisher.isConnected else {
            throw BrokerError(.unreachable, during: "publish", "there is no connection")
        }
    }

    private func makeIntake(_ handler: any EventHandler, _ readiness: Readiness) -> EventIntake {
        guard let queues = ServiceQueues.of(context.name, host: context.host) else {
            preconditionFailure("\(context.name) has a handler but no queue in the topology")
        }
        let consumer = RabbitConsumer(
            broker, queues: queues, prefetch: settings.concurrency * 2,
            name: "millrace-\(context.name) consume", log: context.log, metrics: context.metrics)
        let gate = IntakeGate(
            consumer, widest: settings.concurrency * 2, breaker: settings.breaker)
        let worker = EventWorker(
            handler: handler, queues: queues, policy: settings.retries, consumer: consumer,
            publisher: publisher, gate: gate, readiness: readiness, context: context)
        return EventIntake(worker: worker, count: settings.concurrency)
    }

    /// Ends when it was asked to stop and everything in hand is finished, or its time is over.
    ///
    /// - Throws: What a piece of background work threw.
    private func work(
        _ background: [@Sendable () async throws -> Void], _ intake: EventIntake?,
        until stop: AsyncStream<Never>
    ) async throws {
        let limit = settings.stopLimit
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let intake { group.addTask { await intake.run() } }
            let outcome = await Self.outcome(of: background, until: stop)
            intake?.worker.readiness.close()
            await intake?.consumer.stop()
            group.addTask { await pause(limit) }
            if intake != nil { try await group.next() }
            group.cancelAll()
            try outcome.get()
        }
    }

    private static func outcome(
        of background: [@Sendable () async throws -> Void], until stop: AsyncStream<Never>
    ) async -> Result<Void, any Error> {
        do {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for work in background {
                    group.addTask {
                        try await work()
                        return false
                    }
                }
                group.addTask {
                    for await _ in stop {}
                    return true
                }
                // A piece of work may be done by itself; only the stop ends the service.
                while try await group.next() == false {}
                group.cancelAll()
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// The first signal asks for the end, the second one is the end.
    private func listen(
        to signals: AsyncStream<Int32>, _ stopping: AsyncStream<Never>.Continuation
    ) async {
        await withTaskGroup(of: Void.self) { group in
            var isStopping = false
            for await signal in signals {
                if isStopping { exit(1) }
                isStopping = true
                context.log.info("stopping", ["signal": "\(signal)"])
                stopping.finish()
                group.addTask { await endAnyway() }
            }
        }
    }

    /// What does not listen to its cancellation must not keep the process for ever: the broker
    /// gives the event to another, as after a crash.
    private func endAnyway() async {
        await pause(settings.stopLimit + Self.stopGrace)
        guard !Task.isCancelled else { return }
        context.log.error("what was in hand could not be stopped; the process ends without it")
        exit(1)
    }

    /// How long cancelled work may take to end, and the connections to close.
    private static let stopGrace = Duration.seconds(5)
}
