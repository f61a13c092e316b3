import Broker
import Events
import Foundation
import Stack
import Telemetry

/// How fast Millrace publishes and consumes, next to a plain C program on the same C library.
///
/// Both send the same bytes to the same broker with the same window, and both take turns, since
/// other work on the machine would else hit only one of them.
struct BrokerSpeed: Sendable {
    /// Of each kind; an odd number has a median.
    var rounds = 7
    var messages = 50_000
    /// The most messages without a confirm.
    var window = 1000
    var prefetch = 300
    /// The consumer's takers, as many as a service has workers.
    var takers = 4

    /// The figures.
    struct Figures: Codable, Sendable {
        var publish: Comparison
        var consume: Comparison
    }

    /// Ours and the yardstick's, medians of all rounds.
    struct Comparison: Codable, Sendable {
        var ours: Rate
        var plain: Rate
        var percent: Int { Int((ours.perSecond / plain.perSecond * 100).rounded()) }
    }

    /// How fast, and for how much.
    struct Rate: Codable, Sendable {
        var perSecond: Double
        /// Of the client's processor time, for each message.
        var cpuMicroseconds: Double

        init(medianOf all: [Rate]) {
            perSecond = Percentiles(all.map(\.perSecond)).p50
            cpuMicroseconds = Percentiles(all.map(\.cpuMicroseconds)).p50
        }

        init(_ count: Int, seconds: Double, cpuSeconds: Double) {
            perSecond = Double(count) / seconds
            cpuMicroseconds = cpuSeconds / Double(count) * 1_000_000
        }
    }

    func measure() async throws -> Figures {
        try await BenchBroker.with { broker in
            let plain = PlainRabbit(url: broker.urlWithPassword)
            let events = try Self.events(messages)
            var published: (ours: [Rate], plain: [Rate]) = ([], [])
            var consumed: (ours: [Rate], plain: [Rate]) = ([], [])
            // The first round finds nothing warm and is not counted. What one says the other hears.
            for round in 0...rounds {
                let said = try await publish(events, broker)
                let heardByPlain = try await plain.run("consume", messages, prefetch)
                let saidByPlain = try await plain.run("publish", messages, window)
                let heard = try await consume(broker)
                guard round > 0 else { continue }
                published.ours.append(said)
                published.plain.append(saidByPlain)
                consumed.ours.append(heard)
                consumed.plain.append(heardByPlain)
            }
            return Figures(
                publish: Comparison(
                    ours: Rate(medianOf: published.ours), plain: Rate(medianOf: published.plain)),
                consume: Comparison(
                    ours: Rate(medianOf: consumed.ours), plain: Rate(medianOf: consumed.plain)))
        }
    }

    /// Calls of a tenth of the window each, ten at a time, as a busy service has them.
    private func publish(_ events: [Event], _ broker: BenchBroker) async throws -> Rate {
        try await RabbitPublisher.with(broker.address, name: "bench", log: broker.log) {
            [window] publisher in
            while !publisher.isConnected { try await Task.sleep(for: .milliseconds(5)) }
            let watch = Stopwatch()
            try await withThrowingTaskGroup(of: Void.self) { group in
                let size = window / 10
                for (number, start) in stride(from: 0, to: events.count, by: size).enumerated() {
                    if number >= 10 { try await group.next() }
                    let part = Array(events[start..<min(start + size, events.count)])
                    group.addTask { try await publisher.publish(part) }
                }
                try await group.waitForAll()
            }
            return watch.rate(events.count)
        }
    }

    private func consume(_ broker: BenchBroker) async throws -> Rate {
        let consumer = RabbitConsumer(
            broker.address, queues: broker.queues, prefetch: prefetch, name: "bench",
            log: broker.log)
        // Connected, but not consuming before the watch runs.
        await consumer.admit(0)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await consumer.run() }
            while !consumer.isConnected { try await Task.sleep(for: .milliseconds(5)) }
            let watch = Stopwatch()
            await consumer.admit(prefetch)
            try await take(from: consumer)
            let rate = watch.rate(messages)
            group.cancelAll()
            return rate
        }
    }

    /// What a service's workers do with a handler that does nothing.
    private func take(from consumer: RabbitConsumer) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for taker in 0..<takers {
                let share = messages / takers + (taker < messages % takers ? 1 : 0)
                group.addTask {
                    for _ in 0..<share {
                        guard let delivery = await consumer.next() else {
                            throw BenchError("the consumer ended")
                        }
                        _ = try CloudEvent.event(in: delivery.message)
                        await consumer.acknowledge(delivery)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The same bytes as `PlainRabbit/main.c` sends.
    private static func events(_ count: Int) throws -> [Event] {
        let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        guard let trace = TraceContext(traceparent: header) else { throw BenchError(header) }
        let body = Data(repeating: UInt8(ascii: "x"), count: 1024)
        return (0..<count).map { number in
            Event(
                id: String(format: "%026ld", number), kind: .objectLanded,
                source: "/millrace/bench/here", time: Date(timeIntervalSince1970: 1_767_225_600),
                pipeline: "goodreads", dataset: "reviews", trace: trace,
                causation: "01ARZ3NDEKTSV4RRFFQ69G5FAV", data: body)
        }
    }
}
