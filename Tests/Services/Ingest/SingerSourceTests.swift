import Events
import Foundation
import Kit
import Pipelines
import Spool
import Testing

@testable import ingest

/// A tap that says what its config tells it to say.
private let fakeTap = """
    import argparse, json, os, sys, time
    p = argparse.ArgumentParser()
    for name in ["--config", "--state", "--catalog", "--properties"]: p.add_argument(name)
    p.add_argument("--discover", action="store_true")
    a = p.parse_args()
    config = json.load(open(a.config))
    if a.discover:
        print(json.dumps({"streams": [
            {"stream": name, "tap_stream_id": "public-" + name, "schema": {"type": "object"},
             "metadata": [{"breadcrumb": [], "metadata": {"inclusion": "available"}}]}
            for name in config.get("streams", ["books", "authors", "loans"])]}))
        sys.exit()
    catalog = json.load(open(a.catalog or a.properties)) if a.catalog or a.properties else None
    chosen = [s["stream"] for s in catalog["streams"] if s["metadata"][0]["metadata"]["selected"]] if catalog else None
    with open(config["log"], "a") as log:
        log.write(json.dumps({
            "state": json.load(open(a.state)) if a.state else None, "chosen": chosen,
            "method": catalog["streams"][0]["metadata"][0]["metadata"].get("replication-method") if catalog else None,
            "mode": oct(os.stat(a.config).st_mode & 0o777), "key": config.get("key"),
            "folder": os.path.dirname(a.config)}) + "\\n")
    for line in config["say"]: sys.stdout.write(line + "\\n")
    sys.stdout.write(config.get("rest", ""))
    sys.stdout.flush()
    if config.get("deaf"):
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
    sys.stderr.write("CRITICAL " + str(config.get("key")) + "\\n")
    sys.exit(config.get("exit", 0))
    """

/// What the tap saw of one run.
private struct Seen: Decodable {
    let state: [String: Int]?
    let chosen: [String]?
    let method: String?
    let mode: String
    let key: String?
    let folder: String
}

@Suite("The Singer source", .timeLimit(.minutes(5)))
struct SingerSourceTests {
    private static func tap(
        _ path: String, _ say: [String], every: Int = 3_600, timeout: Int = 60,
        _ more: [String: SettingValue] = [:], _ datasets: [String] = ["books"],
        catalog: SingerSource.Catalog = .discover, load: Load.Mode = .append
    ) -> [AppliedDataset] {
        let program = SourceProgram(
            run: ["tap"], when: .every(seconds: every), timeoutSeconds: timeout)
        var config: [String: SettingValue] = [
            "log": .text(path + "/log"), "say": .list(say.map(SettingValue.text)),
            "key": .secret(SecretReference("tap")),
        ]
        config.merge(more) { $1 }
        return datasets.map { name in
            .program(
                .singer(
                    SingerSource(
                        tap: datasets[0], program: program, config: config, catalog: catalog,
                        stream: name, metadata: ["replication-method": .text("FULL_TABLE")])),
                name, load: load)
        }
    }

    private static func seen(_ path: String) throws -> [Seen] {
        guard let text = FileManager.default.contents(atPath: path + "/log") else { return [] }
        return try text.split(separator: 0x0A).map { try JSONDecoder().decode(Seen.self, from: $0) }
    }

    private static func with(
        _ path: String, _ items: [AppliedDataset],
        _ body: @escaping @Sendable (ProgramBench) async throws -> Void
    ) async throws {
        let script = "exec python3 - \"$@\" <<'END'\n\(fakeTap)\nEND"
        try await withPrograms(in: path, items, ["tap": script], body)
    }

    private static func schema(_ stream: String) -> String {
        "{\"type\":\"SCHEMA\",\"stream\":\"\(stream)\",\"schema\":{\"type\":\"object\"},\"key_properties\":[]}"
    }

    @Test(
        "feeds several datasets by one run, and goes on from its state", arguments: [false, true])
    func feeds(isOld: Bool) async throws {
        let say = [
            Self.schema("books"), Self.schema("authors"),
            "{\"type\":\"RECORD\",\"stream\":\"books\",\"record\":{\"id\": 12345678901234567890.10}}",
            " {\"record\": {\"a\": \"}\\\\\\\"{\"} , \"stream\":\"public-authors\", \"type\":\"Record\"}",
            "{\"type\":\"RECORD\",\"stream\":\"loans\",\"record\":{\"id\": 1}}",
            "{\"type\":\"ACTIVATE_VERSION\",\"stream\":\"books\",\"version\":1}",
            "{\"type\":\"STATE\",\"value\":{\"books\": 7}}", "",
        ]
        try await withFolder { path in
            let items = Self.tap(
                path, say, every: 1, [:], ["books", "authors"],
                catalog: isOld ? .properties : .discover)
            try await Self.with(path, items) { bench in
                try await eventually { try Self.seen(path).count >= 2 }
                let seen = try Self.seen(path)
                try #require(seen.count >= 2)
                #expect(seen[0].state == nil)
                #expect(seen[1].state == ["books": 7])
                #expect(seen[0].chosen == ["books", "authors"])
                #expect(seen[0].method == "FULL_TABLE")
                #expect(seen[0].mode == "0o600")
                #expect(seen[0].key == "hush hush")
                #expect(!FileManager.default.fileExists(atPath: seen[0].folder))
                #expect(try await bench.records("books")[0] == "{\"id\": 12345678901234567890.10}")
                #expect(try await bench.records("authors")[0] == "{\"a\": \"}\\\\\\\"{\"}")
                #expect(bench.lines.count(of: "records of streams not asked for") >= 1)
                #expect(bench.lines.count(of: "ACTIVATE_VERSION") >= 1)
            }
        }
    }

    private static let record = "{\"type\":\"RECORD\",\"stream\":\"books\",\"record\":{\"id\":1}}"
    private static let second = "{\"type\":\"RECORD\",\"stream\":\"books\",\"record\":{\"id\":2}}"

    @Test("keeps of a failed run what stands before its last state, and tells why without secrets")
    func failed() async throws {
        let say = [Self.record, "{\"type\":\"STATE\",\"value\":{\"books\":1}}", Self.second]
        try await withFolder { path in
            try await Self.with(path, Self.tap(path, say, ["exit": .number("4")])) { bench in
                try await eventually { try Self.seen(path).count >= 2 }
                #expect(try await bench.records("books").first == "{\"id\":1}")
                #expect(try await !bench.records("books").contains("{\"id\":2}"))
                #expect(try Self.seen(path).dropFirst().first?.state == ["books": 1])
                #expect(bench.lines.count(of: "ended with exit code 4: CRITICAL ***") == 1)
                #expect(bench.lines.count(of: "hush hush") == 0)
            }
        }
    }

    @Test(
        "takes a replaced table's extract whole or not at all, and not twice",
        arguments: [(0, 1), (4, 0)])
    func replaced(exit: Int, count: Int) async throws {
        let say = [Self.record, "{\"type\":\"STATE\",\"value\":{\"books\":1}}", Self.second]
        try await withFolder { path in
            let items = Self.tap(path, say, every: 1, ["exit": .number("\(exit)")], load: .replace)
            try await Self.with(path, items) { bench in
                try await eventually { try Self.seen(path).count >= 3 }
                #expect(try await bench.spool.segments().count == count)
            }
        }
    }

    @Test(
        "keeps a line that is no message as it is, for the engine to reject, and no state that is none"
    )
    func strange() async throws {
        let say = [
            "{\"type\":\"STATE\",\"value\":{\"books\":1}}", Self.record, "Starting sync…",
            "{\"type\":\"RECORD\",\"stream\":\"books\",\"record\":{\"id\":", Self.second,
            "{\"type\":\"STATE\",\"value\":{\"books\":2,}}", "{\"type\":\"NEWS\"}",
        ]
        try await withFolder { path in
            try await Self.with(path, Self.tap(path, say, every: 1)) { bench in
                try await eventually { try Self.seen(path).count >= 2 }
                let records = try await bench.records("books").prefix(4)
                #expect(Array(records) == ["{\"id\":1}", say[2], say[3], "{\"id\":2}"])
                #expect(try Self.seen(path).dropFirst().first?.state == ["books": 1])
                #expect(bench.lines.count(of: "lines of a tap are no messages") >= 1)
                #expect(bench.lines.count(of: "states of a tap are no JSON") >= 1)
            }
        }
    }

    @Test(
        "refuses what cannot be right",
        arguments: [
            ("{\"type\":\"BATCH\",\"stream\":\"books\"}", "switch that off"),
            ("{\"type\":\"RECORD\",\"stream\":\"books\"}", "a RECORD without"),
            ("{\"stream\":\"books\"}", "a message without `type`"),
            (
                "{\"type\":\"SCHEMA\",\"stream\":\"books\",\"schema\":{}}",
                "no list `key_properties`"
            ),
            (
                "{\"type\":\"SCHEMA\",\"stream\":\"books\",\"schema\":5,\"key_properties\":[]}",
                "has no `schema`"
            ),
        ])
    func refused(line: String, reason: String) async throws {
        try await withFolder { path in
            try await Self.with(path, Self.tap(path, [Self.record, line])) { bench in
                try await eventually { bench.lines.count(of: reason) == 1 }
                #expect(try await bench.spool.segments().isEmpty)
            }
        }
    }

    @Test("tells of a stream that is not there, of a cut line and of a tap that does not end")
    func others() async throws {
        let cases: [([String: SettingValue], String)] = [
            (["streams": .list([.text("a")])], "it has no stream books; there are: a"),
            (["rest": .text("{\"type\"")], "its last line has no end"),
            (["deaf": .boolean(true)], "did not end within 2 s"),
        ]
        for (more, reason) in cases {
            try await withFolder { path in
                let items = Self.tap(path, [Self.record], timeout: 2, more)
                try await Self.with(path, items) { bench in
                    try await eventually { bench.lines.count(of: reason) >= 1 }
                    #expect(try await bench.spool.segments().isEmpty)
                }
            }
        }
    }
}
