import Events
import Files
import Foundation
import Glibc
import Kit
import Spool
import Testing

@testable import ingest

@Suite("The files source", .timeLimit(.minutes(5)))
struct FilesWatchTests {
    @Test("takes a file when it is closed, without a look at the folder")
    func soon() async throws {
        try await withIngest(period: .seconds(3600)) { bench in
            try bench.write("warm", "warm.csv")
            try await eventually { try bench.captured.count == 1 }
            try bench.write("id\n1\n", "a.csv")
            try await eventually { try bench.captured.count == 2 }
            let facts = try #require(try bench.captured.last)
            #expect(facts.name == "a.csv" && facts.bytes == 5 && facts.dataset == "orders")
            #expect(FileManager.default.fileExists(atPath: bench.path("a.csv")) == false)
        }
    }

    @Test("takes a file that is renamed in, and not before")
    func renamed() async throws {
        try await withIngest { bench in
            try bench.write("x", ".a.csv")
            try bench.write("x", "a.csv.part")
            try bench.write("y", "b.csv.TMP")
            try FileManager.default.moveItem(
                atPath: bench.path("a.csv.part"), toPath: bench.path("a.csv"))
            try await eventually { try bench.captured.map(\.name) == ["a.csv"] }
            let left = try FileManager.default.contentsOfDirectory(atPath: bench.inbox + "/orders")
            #expect(Set(left) == [".a.csv", "b.csv.TMP"])
        }
    }

    @Test("does not take a file while it is written")
    func slow() async throws {
        try await withIngest { bench in
            let file = try Folder(bench.inbox + "/orders").create("slow.csv")
            for number in 0..<5 {
                try file.write(Data("\(number)\n".utf8))
                try bench.write("other", "other-\(number).csv")
                try await eventually { try bench.captured.count == number + 1 }
            }
            #expect(try bench.captured.contains { $0.name == "slow.csv" } == false)
            withExtendedLifetime(file) {}
        }
    }

    @Test("takes what was there before it started, and what was written before")
    func earlier() async throws {
        try await withFolder { path in
            let bench = Bench(path)
            try FileManager.default.createDirectory(
                atPath: bench.inbox + "/orders/below", withIntermediateDirectories: true)
            try bench.write("x", "a.csv")
            try bench.write("x", "below/b.csv")
            await bench.watch.follow([.sample()])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await bench.watch.run() }
                try await eventually { try bench.captured.map(\.name) == ["a.csv"] }
                group.cancelAll()
            }
        }
    }

    @Test("takes a thousand small files, each once")
    func thousand() async throws {
        try await withIngest { bench in
            for number in 0..<1000 { try bench.write("\(number)", "\(number).csv") }
            try await eventually(within: .seconds(40)) { try bench.captured.count >= 1000 }
            #expect(try Set(bench.captured.map(\.name)).count == 1000)
            #expect(try Set(bench.captured.map(\.segment)).count == 1000)
            #expect(try await bench.spool.ids().count == 1000)
        }
    }

    @Test("takes a new file of a name that it has taken before")
    func sameName() async throws {
        try await withIngest { bench in
            for number in 0..<5 {
                try bench.write("same", "a.csv")
                try await eventually { try bench.captured.count == number + 1 }
            }
            #expect(try Set(bench.captured.map(\.sha256)).count == 1)
        }
    }

    @Test("takes an empty file once it has stayed empty")
    func empty() async throws {
        try await withIngest { bench in
            try bench.write("", "a.csv")
            try await eventually { try bench.captured.map(\.bytes) == [0] }
        }
    }

    @Test("gives a file to the first dataset whose patterns fit")
    func routes() async throws {
        let datasets = [
            AppliedDataset.sample("refunds", patterns: ["refund-*.csv", "r?.csv"]),
            .sample("orders", patterns: ["*.csv"]),
        ]
        try await withIngest(datasets) { bench in
            for name in ["refund-1.csv", "r2.csv", "r10.csv"] { try bench.write("x", name) }
            try await eventually { try bench.captured.count == 3 }
            let byName = try Dictionary(
                uniqueKeysWithValues: bench.captured.map { ($0.name, $0.dataset) })
            #expect(
                byName == ["refund-1.csv": "refunds", "r2.csv": "refunds", "r10.csv": "orders"])
        }
    }

    @Test("leaves a file that fits no dataset and says so once")
    func unfit() async throws {
        try await withIngest { bench in
            try bench.write("x", "notes.txt")
            try await eventually { bench.lines.count(of: "no dataset takes this name") == 1 }
            try bench.write("x", "more.txt")
            try await eventually { bench.lines.count(of: "more.txt") == 1 }
            #expect(bench.lines.count(of: "notes.txt") == 1)
            #expect(bench.lines.count(of: "patterns: *.csv") == 2)
            #expect(FileManager.default.fileExists(atPath: bench.path("notes.txt")))
        }
    }

    @Test("notices that its folder is another one now")
    func replacedFolder() async throws {
        try await withIngest { bench in
            let folder = bench.inbox + "/orders"
            try FileManager.default.moveItem(atPath: folder, toPath: folder + ".old")
            try await eventually("the folder is made again") {
                FileManager.default.fileExists(atPath: folder)
            }
            try bench.write("x", "a.csv")
            try await eventually(within: .seconds(4)) { try bench.captured.count == 1 }
        }
    }

    @Test("follows a pipeline that is applied while it runs")
    func follows() async throws {
        try await withIngest { bench in
            try bench.write("x", "a.json")
            try await eventually { bench.lines.count(of: "a.json") == 1 }
            await bench.watch.follow([.sample(patterns: ["*.json"])])
            try await eventually { try bench.captured.map(\.name) == ["a.json"] }
        }
    }
}
