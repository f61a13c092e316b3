import Broker
import Events
import Foundation
import Glibc
import Kit
import Pipelines
import Spool
import Testing

@testable import ingest

@Suite("The command source", .timeLimit(.minutes(5)))
struct CommandSourceTests {
    @Test("takes what a program prints, which gets its arguments and a clean environment")
    func prints() async throws {
        let script = """
            env | cut -d= -f1 | sort | tr '\\n' ' ' | sed 's/.*/{"names": "&"}/'; echo
            printf '{"pwd": "%s", "arguments": "%s|%s", "key": "%s"}\\n' "$PWD" "$1" "$2" "$API_KEY"
            """
        let item = AppliedDataset.command(
            ["export", "two words", "$HOME"],
            environment: ["API_KEY": .secret(SecretReference("shop")), "N": .number("5")])
        try await withFolder { path in
            try await withPrograms(in: path, [item], ["export": script]) { bench in
                try await eventually { try await bench.records().count == 2 }
                let records = try await bench.records()
                #expect(records[0] == "{\"names\": \"API_KEY HOME LANG N PATH PWD TMPDIR \"}")
                let work = "\(path)/work"
                #expect(records[1].hasPrefix("{\"pwd\": \"\(work)/"))
                #expect(
                    records[1].hasSuffix(
                        "\"arguments\": \"two words|$HOME\", \"key\": \"open sesame\"}"))
                try await eventually { bench.publisher.events(of: .segmentCaptured).count == 1 }
                #expect(try bench.folders.isEmpty)
            }
        }
    }

    @Test("runs it at its due times, and not again for a restart between them")
    func due() async throws {
        let often = AppliedDataset.command(["export"], every: 1)
        let seldom = AppliedDataset.command(["export"], every: 366 * 86_400)
        try await withFolder { path in
            let script = "echo id; date +%s%N"
            try await withPrograms(in: path, [often], ["export": script]) { bench in
                try await eventually { try await bench.spool.segments().count >= 3 }
            }
            let count = try await Spool(directory: path + "/spool").segments().count
            try await withPrograms(in: path, [seldom]) { bench in
                try await Task.sleep(for: .seconds(1))
                #expect(try await bench.spool.segments().count == count)
            }
        }
    }

    @Test("names a CSV file as one, and takes an extract of a replaced table once")
    func replaced() async throws {
        let item = AppliedDataset.command(
            ["export"], every: 1, format: .csv(CSVFormat()), load: .replace)
        try await withFolder { path in
            let script = "echo x >> \(path)/runs; echo id; cat \(path)/rows"
            try Data("1\n2\n".utf8).write(to: URL(filePath: path + "/rows"))
            try await withPrograms(in: path, [item], ["export": script]) { bench in
                try await eventually { Self.size(path + "/runs") >= 6 }
                #expect(try await bench.records() == ["id", "1", "2"])
                #expect(try await bench.spool.segments().map(\.facts.name) == ["orders.csv"])
                try Data("1\n".utf8).write(to: URL(filePath: path + "/rows"))
                try await eventually { try await bench.spool.segments().count == 2 }
            }
        }
    }

    private static func size(_ path: String) -> Int {
        FileManager.default.contents(atPath: path)?.count ?? 0
    }

    @Test(
        "takes nothing of a run that failed, tells its last words without secrets, and tries again")
    func failed() async throws {
        let script = """
            echo '{"id": 1}'
            [ -e "$MARK" ] && { echo '{"id": 2}'; exit 0; }
            touch "$MARK"
            echo "no login with $API_KEY" >&2
            exit 3
            """
        try await withFolder { path in
            let item = AppliedDataset.command(
                ["export"],
                environment: [
                    "API_KEY": .secret(SecretReference("shop")), "MARK": .text(path + "/mark"),
                ])
            try await withPrograms(in: path, [item], ["export": script]) { bench in
                try await eventually { try await bench.spool.segments().count == 1 }
                #expect(try await bench.records() == ["{\"id\": 1}", "{\"id\": 2}"])
                #expect(bench.lines.count(of: "ended with exit code 3: no login with ***") == 1)
                #expect(bench.lines.count(of: "open sesame") == 0)
                #expect(bench.lines.count(of: "program.failed") == 1)
            }
        }
    }

    @Test(
        "refuses a run that is not whole",
        arguments: [
            ("printf '{\"id\": 1}\\n{\"id'", "its last line has no end"),
            ("echo '{}'; kill -9 $$", "killed by signal 9"),
            (
                // A child that still is of the program's group ends with it.
                "echo '{}'; setsid sh -c 'touch left; sleep 30' & until [ -e left ]; do sleep 0.05; done",
                "keeps its output open"
            ),
            ("trap '' TERM; echo '{}'; while :; do sleep 0.1; done", "did not end within 1 s"),
        ])
    func broken(script: String, reason: String) async throws {
        try await withFolder { path in
            let item = AppliedDataset.command(["export"], timeout: 1)
            try await withPrograms(in: path, [item], ["export": script]) { bench in
                try await eventually { bench.lines.count(of: reason) >= 1 }
                #expect(try await bench.spool.segments().isEmpty)
            }
            #expect(try ProgramBench(path).folders.isEmpty)
        }
    }

    @Test("runs only programs of the folders that the ingest's owner names")
    func allowed() async throws {
        try await withFolder { path in
            for program in ["/bin/echo", "echo", path + "/bin2/x"] {
                let item = AppliedDataset.command([program, "{}"])
                try await withPrograms(in: path, [item]) { bench in
                    try await eventually { bench.lines.count(of: "program.not_allowed") == 1 }
                    #expect(bench.lines.count(of: "MILLRACE_SOURCE_PROGRAMS") == 1)
                }
            }
        }
    }

    @Test("ends the program when the source is gone, and lets it run on for a new revision")
    func gone() async throws {
        let script = "echo $$ > $MARK; while [ ! -e $MARK.go ]; do sleep 0.05; done; echo '{}'"
        try await withFolder { path in
            let mark = path + "/mark"
            let item = AppliedDataset.command(["export"], environment: ["MARK": .text(mark)])
            try await withPrograms(in: path, [item], ["export": script]) { bench in
                try await eventually { Self.size(mark) > 1 }
                let first = try Self.pid(mark)
                let newer = AppliedDataset(
                    pipeline: item.pipeline, revision: "ba9876543210", dataset: item.dataset)
                await bench.watch.follow([newer])
                try await Task.sleep(for: .milliseconds(300))
                try Data().write(to: URL(filePath: mark + ".go"))
                try await eventually { try await bench.spool.segments().count == 1 }
                #expect(try await bench.spool.segments()[0].facts.revision == "ba9876543210")
                #expect(try Self.pid(mark) == first)
            }
            let other = path + "/other"
            let second = AppliedDataset.command(["export"], environment: ["MARK": .text(other)])
            try FileManager.default.removeItem(atPath: path + "/spool")
            try await withPrograms(in: path, [second]) { bench in
                try await eventually { Self.size(other) > 1 }
                let id = try Self.pid(other)
                await bench.watch.follow([])
                try await eventually { kill(id, 0) != 0 }
                #expect(try await bench.spool.segments().isEmpty)
            }
        }
    }

    private static func pid(_ path: String) throws -> Int32 {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return try #require(Int32(text.trimmingCharacters(in: .newlines)))
    }
}
