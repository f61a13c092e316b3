import Broker
import Events
import Foundation
import Kit
import Postgres
import Service
import Synchronization
import Testing
import Warehouse

@testable import notifier

@Suite(
    "The archive of dead letters", .timeLimit(.minutes(5)),
    .enabled(
        if: TestBroker.isAvailable && TestWarehouse.isAvailable, "\(TestWarehouse.missing)"))
struct ArchivingTests {
    @Test("keeps what a service gave up on, with all that a person needs, and empties the queue")
    func keeps() async throws {
        try await ArchiveBench.with { bench in
            let message = try deadMessage("1")
            try await bench.setAside([message])
            try await bench.running {
                try await eventually(within: .seconds(60)) { try await bench.waiting().count == 1 }
                let letter = try #require(try await bench.waiting().first)
                #expect(letter.service == "transformer" && letter.kind == "object.landed")
                #expect(letter.errorClass == "lake.missing" && letter.attempts == 3)
                #expect(letter.queue == "millrace.transformer.work" && letter.host == "here")
                let content = try #require(try await bench.letters.contents(of: [letter]).first?.1)
                #expect(content.message.body == message.body)
                #expect(content.message.headers["traceparent"] == message.headers["traceparent"])
                #expect(content.history.map(\.what) == ["failed"])
                try await eventually(within: .seconds(60), "it is told of") {
                    try await bench.count("millrace.dead_letter_alerts where said_at is not null")
                        == 1
                }
            }
            #expect(try await DeadQueues(bench.host.address).take().isEmpty)
        }
    }

    @Test("keeps the same failure once, and another failure in the same row")
    func again() async throws {
        try await ArchiveBench.with { bench in
            let messages = try [
                deadMessage("1"), deadMessage("1"),
                deadMessage("1", replays: 1, at: 1_700_000_100), deadMessage("2"),
            ]
            let taken = { (messages: [Message]) async throws -> [DeadLetter] in
                try await bench.setAside(messages)
                let queues = DeadQueues(bench.host.address)
                var letters: [DeadLetter] = []
                try await eventually(within: .seconds(30)) {
                    let more = try await queues.take()
                    try await queues.acknowledge(more)
                    letters += more.map(\.letter)
                    return letters.count == messages.count
                }
                return letters
            }
            let letters = try await taken(messages)
            #expect(try await bench.archive.keep(letters) == 3)
            #expect(try await bench.archive.keep(letters) == 0)
            // An old failure that comes late is known, too.
            #expect(try await bench.archive.keep(Array(letters.prefix(1))) == 0)
            let all = try await bench.waiting()
            #expect(all.map(\.id).sorted() == ["1", "2"])
            let first = try #require(all.first { $0.id == "1" })
            #expect(first.replays == 1)
            let content = try #require(try await bench.letters.contents(of: [first]).first?.1)
            #expect(content.history.map(\.replays) == [0, 1])
        }
    }

    @Test("loses and doubles nothing when a notifier dies between its commit and its answer")
    func killed() async throws {
        try await ArchiveBench.with { bench in
            try await bench.setAside(try (0..<50).map { try deadMessage("\($0)") })
            // Committed, and gone before the acknowledgement: the broker has all of them again.
            let dying = DeadQueues(bench.host.address)
            var held: [DeadLetter] = []
            try await eventually(within: .seconds(30)) {
                held += try await dying.take().map(\.letter)
                return held.count == 50
            }
            #expect(try await bench.archive.keep(held) == 50)
            await dying.close()
            try await bench.running(2) {
                try await eventually(within: .seconds(60)) {
                    try await bench.count("millrace.dead_letter_alerts where said_at is not null")
                        == 1
                }
                try await eventually(within: .seconds(60)) {
                    try await bench.isDrained()
                }
            }
            #expect(try await bench.count("millrace.dead_letters") == 50)
            #expect(
                try await bench.count(
                    "millrace.dead_letters where jsonb_array_length(history) <> 1") == 0)
            #expect(try await bench.count("millrace.dead_letter_alerts") == 1)
        }
    }

    @Test("has what crashes its service each time, by the broker's limit, once, and tells of it")
    func crashLoop() async throws {
        try await ArchiveBench.with { bench in
            let queues = try #require(ServiceQueues.of("transformer", host: "here"))
            let consumer = RabbitConsumer(
                bench.host.address, queues: queues, prefetch: 1, name: "crashing",
                log: bench.context.log)
            try await bench.post(
                [try landedMessage("1")], to: Topology.direct, key: "millrace.transformer.work")
            let began = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await consumer.run() }
                for _ in 0..<11 {
                    let delivery = try #require(await consumer.next())
                    // What a process that dies leaves behind.
                    await consumer.reject(delivery, requeue: true)
                }
                try await bench.running {
                    try await eventually(within: .seconds(60), "within a minute") {
                        try await bench.count(
                            "millrace.dead_letter_alerts where said_at is not null") == 1
                    }
                }
                group.cancelAll()
            }
            #expect(began.duration(to: .now) < .seconds(90))
            let letter = try #require(try await bench.waiting().first)
            #expect(letter.reason == "delivery_limit" && letter.id == "1")
            #expect(letter.errorMessage.contains("crash"))
            #expect(try await bench.count("millrace.dead_letters") == 1)
            #expect(try await bench.isDrained())
        }
    }

    @Test("leaves letters in their queue while the warehouse is away")
    func away() async throws {
        try await ArchiveBench.with { bench in
            let isAway = Mutex(true)
            let asked = Mutex(0)
            let check: @Sendable () async throws -> Void = {
                asked.withLock { $0 += 1 }
                if isAway.withLock({ $0 }) { throw PostgresError(.unreachable, "away") }
            }
            try await bench.setAside([try deadMessage("1")])
            try await bench.running(check: check) {
                try await eventually(within: .seconds(60)) { asked.withLock { $0 } > 1 }
                #expect(try await bench.waiting().isEmpty)
                isAway.withLock { $0 = false }
                try await eventually(within: .seconds(60)) { try await bench.waiting().count == 1 }
            }
        }
    }

    @Test("takes ten thousand letters at once, tells of them in one alert, and counts them")
    func storm() async throws {
        try await ArchiveBench.with { bench in
            try await bench.setAside(try (0..<10_000).map { try deadMessage("\($0)") })
            try await bench.running {
                try await eventually(within: .seconds(120)) {
                    try await bench.count("millrace.dead_letters") == 10_000
                }
                try await eventually(within: .seconds(60)) {
                    try await bench.count("millrace.dead_letter_alerts where said_at is not null")
                        >= 1
                }
            }
            #expect(try await bench.count("millrace.dead_letter_alerts") <= 3)
            #expect(try await bench.archive.waiting() == ["transformer": 10_000])
        }
    }

    @Test("keeps what nobody can read, byte by byte, and what the broker could bring nowhere")
    func strange() async throws {
        try await ArchiveBench.with { bench in
            let bomb = Data(repeating: UInt8(ascii: "["), count: 10 << 20)
            let bytes = Data([0, 0xFF, 0xC3, 0x28, 0])
            var truncated = try deadMessage("truncated")
            truncated.body = Data(#"{"pipeline": "p", "#.utf8)
            let nul = Message(
                id: "", contentType: "text/x-strange",
                headers: ["a\0b": .text("c\0d"), "n": .number(.max)], body: bytes)
            try await bench.setAside([truncated, nul, Message(id: "bomb", body: bomb)])
            try await bench.post(
                [try deadMessage("lost")], to: Topology.deadLetters, key: "millrace.gone.work")
            try await bench.running {
                try await eventually(within: .seconds(90)) { try await bench.waiting().count == 4 }
            }
            let pages = try await bench.letters.contents(of: bench.waiting())
            let bodies = Dictionary(
                uniqueKeysWithValues: pages.map { ($0.0.id, $0.1.message.body) })
            #expect(bodies["bomb"] == bomb && bodies["truncated"] == truncated.body)
            let own = try #require(pages.first { $0.0.id.hasPrefix("letter-") })
            #expect(own.1.message.body == bytes && own.1.message.contentType == "text/x-strange")
            let lost = try #require(pages.first { $0.0.id == "lost" }?.0)
            #expect(lost.service == "unrouted" && lost.queue == "millrace.gone.work")
        }
    }

    @Test("is told of once for each group, again with a count after the pause, and as over")
    func groups() async throws {
        try await ArchiveBench.with { bench in
            try await bench.running(2, pause: .seconds(2)) {
                try await bench.setAside(try (0..<20).map { try deadMessage("a\($0)") })
                try await bench.setAside([try deadMessage("b", error: "engine.failed")])
                try await bench.setAside([try deadMessage("own")], service: "notifier")
                try await eventually(within: .seconds(60)) { try await bench.isToldOfAll() }
                for letter in try await bench.waiting() where letter.service != "notifier" {
                    try await bench.archive.resolve(
                        service: letter.service, letter: letter.id, replays: 1)
                }
                try await eventually(within: .seconds(60)) {
                    try await bench.count(
                        """
                        millrace.dead_letter_alerts
                        where kind = 'resolved' and said_at is not null
                        """) == 2
                }
            }
            let told = try await bench.pool.query(
                """
                select error_class, sum(letters) as letters, count(*) as alerts
                from millrace.dead_letter_alerts where kind = 'raised'
                group by error_class order by error_class
                """)
            #expect(told.map { $0["letters"] } == ["1", "20"])
            #expect(told.allSatisfy { Int($0["alerts"] ?? "").map { $0 <= 20 } ?? false })
            #expect(try await bench.waiting().map(\.service) == ["notifier"])
        }
    }

    @Test("is resolved by the news that a replay was handled, but not by old news")
    func resolved() async throws {
        try await ArchiveBench.with { bench in
            try await bench.setAside([
                try deadMessage("1", replays: 2), try deadMessage("2", replays: 1),
            ])
            try await bench.running {
                try await eventually(within: .seconds(60)) { try await bench.waiting().count == 2 }
                for (letter, replays) in [("1", 1), ("2", 2), ("2", 2)] {
                    let news = DeadLetterResolved(
                        pipeline: "p", dataset: "d", service: "transformer", letter: letter,
                        replays: replays)
                    _ = try await bench.handler.handle(Event(news, from: "/millrace/test/here"))
                }
                #expect(try await bench.waiting().map(\.id) == ["1"])
                #expect(try await bench.waiting([.resolved]).map(\.id) == ["2"])
            }
        }
    }

    @Test("says an alert in words, with one command to type")
    func words() throws {
        let sample = LetterAlert.Sample(
            id: "01M7.landed", kind: "object.landed", reason: "failed", error: "it is missing",
            attempts: 3, queue: "millrace.transformer.work")
        func alert(_ count: Int, _ sample: LetterAlert.Sample) throws -> AlertRaised {
            try LetterAlert(
                id: "dead-1", kind: .raised, service: "transformer", errorClass: "lake.missing",
                pipeline: "goodreads", dataset: "reviews", letters: count, sample: sample,
                madeAt: Date(timeIntervalSince1970: 1)
            ).event(from: "/millrace/notifier/here").payload()
        }
        let one = try alert(1, sample)
        #expect(one.command == "millrace dead show 01M7.landed")
        #expect(one.detail.contains("it is missing") && one.topic == "dead_letter")
        #expect(try alert(9, sample).title.contains("9 events"))
        let strange = LetterAlert.Sample(
            id: "$(reboot)", kind: "unknown", reason: "poison", error: "", attempts: 1, queue: "q")
        #expect(try alert(1, strange).command == "millrace dead list --service transformer")
    }
}

extension ArchiveBench {
    fileprivate func isDrained() async throws -> Bool {
        let queues = DeadQueues(host.address)
        let taken = try await queues.take()
        await queues.close()
        return taken.isEmpty
    }

    /// Every letter that people hear of has its alert, and it is said.
    fileprivate func isToldOfAll() async throws -> Bool {
        let rows = try await pool.query(
            """
            select count(*) filter (where service <> 'notifier' and alert_id is null) as untold,
                count(*) as all, (select count(*) from millrace.dead_letter_alerts
                    where said_at is null) as unsaid
            from millrace.dead_letters
            """)
        return rows.first.map { $0["untold"] == "0" && $0["all"] == "22" && $0["unsaid"] == "0" }
            ?? false
    }
}
