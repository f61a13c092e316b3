import Foundation
import Glibc
import Kit
import Outbound
import Postgres
import Processes
import Testing

@testable import Broker

@Suite(
    "millrace dead", .timeLimit(.minutes(5)),
    .enabled(if: DeadBench.canRun, "needs a broker, a warehouse and the built program"))
struct ReplayTests {
    @Test("sends one first, and the others once it is handled, clean and counted")
    func canary() async throws {
        try await DeadBench.with { bench in
            try await bench.keep((0..<5).map { "e\($0)" })
            let taken = try await bench.serving { _ in
                .handles
            } _: {
                let answer = try await bench.millrace("dead", "replay", "--all", "--rate", "200/s")
                #expect(answer.code == 0, "\(answer.errors)")
                #expect(answer.errors.contains("sent 5"), "\(answer.errors)")
                try await eventually(within: .seconds(60)) {
                    try await bench.states() == ["resolved": 5]
                }
            }
            #expect(taken.map(\.id).sorted() == (0..<5).map { "e\($0)" })
            #expect(taken.first?.headers[MillraceHeader.attempt] == .number(3))
            #expect(taken.dropFirst().allSatisfy { $0.headers[MillraceHeader.attempt] == nil })
            #expect(taken.allSatisfy { $0.headers[MillraceHeader.replays] == .number(1) })
            #expect(!taken.contains { $0.headers.keys.contains { $0.hasPrefix("x-") } })
            #expect(taken.allSatisfy { $0.headers["traceparent"] != nil })
            let audits = try await bench.pool.query("select * from millrace.audit")
            let audit = try #require(audits.first)
            #expect(audit["done"] == "5" && audit["outcome"] == "sent")
            #expect(audit["who"]?.contains("@") == true && audit["verb"] == "dead replay")
        }
    }

    @Test("leaves a group whose first comes back, and sends the others")
    func canaryComesBack() async throws {
        try await DeadBench.with { bench in
            try await bench.keep((0..<4).map { "bad\($0)" })
            try await bench.keep((0..<4).map { "good\($0)" }, error: "engine.failed")
            let taken = try await bench.serving {
                $0.message.id.hasPrefix("bad") ? .failsAgain : .handles
            } _: {
                let answer = try await bench.millrace("dead", "replay", "--service", "transformer")
                #expect(answer.code == 1, "\(answer.errors)")
                #expect(answer.errors.contains("came back"), "\(answer.errors)")
                try await eventually(within: .seconds(60)) {
                    try await bench.states() == ["waiting": 4, "resolved": 4]
                }
            }
            #expect(taken.count == 5)
        }
    }

    @Test("stops by itself when letters come back, and says how many are left")
    func stops() async throws {
        try await DeadBench.with { bench in
            try await bench.keep((0..<200).map { "e\($0)" })
            let taken = try await bench.serving { _ in
                .failsAgain
            } _: {
                let answer = try await bench.millrace(
                    "dead", "replay", "--all", "--no-canary", "--rate", "10")
                #expect(answer.code == 1, "\(answer.errors)")
                try await eventually(within: .seconds(60)) {
                    try await bench.states() == ["waiting": 200]
                }
            }
            #expect((3..<150).contains(taken.count), "\(taken.count) were sent")
        }
    }

    @Test("sends no letter a third time unless it is told to, and then it may come back again")
    func loopGuard() async throws {
        try await DeadBench.with { bench in
            try await bench.keep(["often"], replays: 2)
            let taken = try await bench.serving { _ in
                .failsAgain
            } _: {
                let refused = try await bench.millrace("dead", "replay", "often")
                #expect(refused.code == 1, "\(refused.errors)")
                #expect(refused.errors.contains("--force"), "\(refused.errors)")
                let forced = try await bench.millrace("dead", "replay", "often", "--force")
                #expect(forced.code == 1 && forced.errors.contains("came back"), "\(forced.errors)")
            }
            #expect(taken.map { $0.headers[MillraceHeader.replays] } == [.number(3)])
            let row = try await bench.pool.query(
                "select replays, state from millrace.dead_letters"
            ).first
            #expect(row?["replays"] == "3" && row?["state"] == "waiting")
        }
    }

    @Test("loses nothing when it is killed in the middle, and goes on when it is called again")
    func killed() async throws {
        try await DeadBench.with { bench in
            try await bench.keep((0..<300).map { "e\($0)" })
            let first = try await ChildProcess.start(
                bench.command(["dead", "replay", "--all", "--no-canary", "--rate", "100"]))
            try await eventually(within: .seconds(60)) { try bench.ready() > 20 }
            first.signal(SIGKILL)
            _ = try await first.wait()
            // What it had in hand is free after a minute; nobody waits for that here.
            _ = try await bench.pool.query(
                "update millrace.dead_letters set claimed_at = claimed_at - interval '2 minutes'")
            let answer = try await bench.millrace(
                "dead", "replay", "--all", "--no-canary", "--rate", "2000")
            #expect(answer.code == 0, "\(answer.errors)")
            let taken = try await bench.serving { _ in
                .handles
            } _: {
                try await eventually(within: .seconds(60)) {
                    try await bench.states() == ["resolved": 300]
                }
            }
            #expect(Set(taken.map(\.id)).count == 300)
            #expect(taken.count < 340, "only what was in hand may go twice")
        }
    }

    @Test("sends each letter once when two call it at the same time")
    func together() async throws {
        try await DeadBench.with { bench in
            try await bench.keep((0..<200).map { "e\($0)" })
            let words = ["dead", "replay", "--all", "--no-canary", "--rate", "500"]
            async let one = bench.millrace(words)
            async let two = bench.millrace(words)
            let codes = try await [one.code, two.code]
            #expect(codes == [0, 0])
            #expect(try bench.ready() == 200)
        }
    }

    @Test("sends nothing to a queue that is gone, and says what to do")
    func targetGone() async throws {
        try await DeadBench.with { bench in
            try await bench.keep(["e1"])
            try await bench.host.api.change(
                .delete, ["queues", bench.host.name, "millrace.transformer.work"])
            let answer = try await bench.millrace("dead", "replay", "e1")
            #expect(answer.code == 1, "\(answer.errors)")
            #expect(answer.errors.contains("millrace.transformer.work"), "\(answer.errors)")
            #expect(answer.errors.contains("millrace topology apply"), "\(answer.errors)")
            #expect(try await bench.states() == ["waiting": 1])
        }
    }

    @Test("waits for its canary no longer than it is told, and leaves the rest")
    func silence() async throws {
        try await DeadBench.with { bench in
            try await bench.keep(["e1", "e2"])
            let answer = try await bench.millrace("dead", "replay", "--all", "--timeout", "2")
            #expect(answer.code == 75, "\(answer.errors)")
            #expect(try await bench.states() == ["waiting": 1, "replaying": 1])
            let list = try await bench.millrace("dead", "list")
            #expect(list.errors.contains("1 sent through again"), "\(list.errors)")
        }
    }

    @Test("sends only what its options name, and with --dry-run nothing")
    func filters() async throws {
        try await DeadBench.with { bench in
            try await bench.keep(["a1", "a2"], pipeline: "one")
            try await bench.keep(["b1"], error: "engine.failed", pipeline: "two")
            let nothing = try await bench.millrace("dead", "replay")
            #expect(nothing.code == 2)
            let dry = try await bench.millrace("dead", "replay", "--pipeline", "one", "--dry-run")
            #expect(dry.code == 0 && dry.errors.contains("2 letters would be sent"))
            #expect(try await bench.states() == ["waiting": 3])
            let unknown = try await bench.millrace("dead", "replay", "--service", "loadre")
            #expect(unknown.code == 2)
            let sent = try await bench.millrace(
                "dead", "replay", "--class", "engine.failed", "--since", "1h", "--no-canary")
            #expect(sent.code == 0, "\(sent.errors)")
            #expect(try await bench.states() == ["waiting": 2, "replaying": 1])
            let groups = try await bench.millrace("dead", "list", "--format", "json")
            #expect(groups.text.contains(#""count": 2"#), "\(groups.text)")
            let all = try await bench.millrace("dead", "list", "--all", "--pipeline", "one")
            #expect(all.text.contains("a1") && all.text.contains("a2"), "\(all.text)")
        }
    }

    @Test("drops only what is confirmed, keeps who did it, and waits again when it fails anew")
    func drop() async throws {
        try await DeadBench.with { bench in
            try await bench.keep(["e1", "e2"])
            let asked = try await bench.millrace("dead", "drop", "e1")
            #expect(asked.code == 2 && asked.errors.contains("--yes"), "\(asked.errors)")
            #expect(try await bench.states() == ["waiting": 2])
            let done = try await bench.millrace("dead", "drop", "e1", "--yes")
            #expect(done.code == 0 && done.errors.contains("1 letter dropped"), "\(done.errors)")
            #expect(try await bench.states() == ["waiting": 1, "dropped": 1])
            let page = try await bench.millrace("dead", "show", "e1")
            #expect(page.text.contains("dropped by"), "\(page.text)")
            let again = try await bench.millrace("dead", "replay", "e1")
            #expect(again.code == 1 && again.errors.contains("is dropped"), "\(again.errors)")
            let audit = try await bench.pool.query("select verb, done from millrace.audit")
            #expect(audit.map { $0["verb"] } == ["dead drop"] && audit.first?["done"] == "1")
            try await bench.keep(["e1"])
            #expect(try await bench.states() == ["waiting": 2])
        }
    }

    @Test("says who makes the archive where there is none")
    func noArchive() async throws {
        try await DeadBench.with(isMigrated: false) { bench in
            for verb in [["list"], ["show", "e"], ["replay", "e"], ["drop", "e"]] {
                let answer = try await run(bench.command(["dead"] + verb))
                #expect(answer.errorText.contains("the notifier makes it"), "\(answer.errorText)")
            }
        }
    }
}
