import Lanes

/// One part of the stack, which is started again when it ends, until it is to stop.
actor SupervisedPart {
    nonisolated let part: StackPart
    private let port: Int
    private let launch: @Sendable () async throws -> any RunningPart
    private let record: StateRecord
    private let report: @Sendable (StackEvent) -> Void
    private let isHeld: @Sendable () -> Bool
    private var running: (any RunningPart)?
    private var readySince: ContinuousClock.Instant?
    private var isStopping = false

    /// What ran for so long is not caught in a loop of crashes.
    private static let proof = Duration.seconds(5)

    /// - Parameters:
    ///   - isHeld: True while it is to stay down once it has ended.
    ///   - launch: Starts it and returns when it is ready; leaves nothing when it throws.
    init(
        _ part: StackPart, port: Int, record: StateRecord,
        report: @escaping @Sendable (StackEvent) -> Void,
        isHeld: @escaping @Sendable () -> Bool = { false },
        launch: @escaping @Sendable () async throws -> any RunningPart
    ) {
        self.part = part
        self.port = port
        self.record = record
        self.report = report
        self.isHeld = isHeld
        self.launch = launch
    }

    /// Starts it for the first time and returns when it is ready.
    func start() async throws {
        guard !isStopping else { throw CancellationError() }
        report(.starting(part: part.rawValue))
        try record.set(part, .starting, port: port)
        let clock = ContinuousClock()
        let begin = clock.now
        let running = try await launch()
        try await adopt(running)
        let milliseconds = Int((clock.now - begin) / .milliseconds(1))
        report(.ready(part: part.rawValue, milliseconds: milliseconds))
    }

    /// Starts it again whenever it ends. Returns when it was stopped.
    func keepAlive() async throws {
        var backoff = Backoff(from: .milliseconds(200), upTo: .seconds(15))
        while !isStopping {
            let how = await wait()
            if isStopping { return }
            if let readySince, readySince.duration(to: .now) > Self.proof { backoff.reset() }
            readySince = nil
            let pause = backoff.next()
            try record.set(part, .restarting)
            report(
                .ended(
                    part: part.rawValue, how: how,
                    pauseMilliseconds: Int(pause / .milliseconds(1))))
            try await Task.sleep(for: pause)
            while isHeld(), !isStopping { try await Task.sleep(for: .milliseconds(100)) }
        }
    }

    /// Ends it for good.
    func stop() async throws {
        isStopping = true
        guard let running else { return }
        report(.stopping(part: part.rawValue))
        await running.stop()
        self.running = nil
        try record.set(part, .stopped)
    }

    /// Ends it without politeness; `stop()` then returns soon.
    func kill() {
        isStopping = true
        for process in running?.processes ?? [] { process.signal(9) }
    }

    /// Waits for the end of what runs; starts it first where nothing does.
    private func wait() async -> String {
        do {
            if running == nil {
                let fresh = try await launch()
                try await adopt(fresh)
            }
        } catch {
            return "\(error)"
        }
        guard let running else { return "stopped" }
        let how = await running.ended()
        self.running = nil
        return how
    }

    /// Takes charge of what was started, or ends it where the wish to stop came meanwhile.
    private func adopt(_ fresh: any RunningPart) async throws {
        guard !isStopping else {
            await fresh.stop()
            throw CancellationError()
        }
        running = fresh
        readySince = .now
        try record.set(part, .ready, fresh.processes, port: port)
    }
}
