import Events
import Foundation
import Kit
import Lake
import Pipelines
import Testing

@testable import millrace

@Suite("The verbs about sources' states", .timeLimit(.minutes(5)))
struct StateVerbTests {
    private struct Bench: Sendable {
        let states: SourceStates
        let environment: [String: String]

        init(_ path: String) async throws {
            let lake = try LakeAddress.open("file://\(path)/lake")
            states = SourceStates(lake: lake)
            environment = [
                "MILLRACE_LAKE": "file://\(path)/lake", "MILLRACE_DATA": path + "/none",
                "MILLRACE_BROKER_URL": "amqp://nobody@127.0.0.1:1",
            ]
            let http = HTTPSource(url: "https://a.example")
            let load = Load(mode: .append, key: [], newestBy: nil)
            let datasets = [
                ("orders", Source.http(http)),
                ("files", .files(FilesSource(path: "x", patterns: ["*"], settleMilliseconds: 1))),
            ].map { name, source in
                Dataset(
                    name: name, source: source, format: .jsonLines,
                    columns: [Column(name: "id", field: "id", type: .bigint)], transform: nil,
                    load: load, checks: [])
            }
            _ = try await PipelineCatalog(lake: lake).apply(
                Pipeline(
                    name: "shop", description: nil, schema: "shop", parameters: [],
                    datasets: datasets, models: []))
        }

        func call(_ command: any Command, _ words: String...) async throws -> VerbCall {
            try await VerbCall(command, words, environment: environment)
        }

        func text() async throws -> String {
            try await call(ExportState(), "shop").output
                .trimmingCharacters(in: .newlines)
        }
    }

    @Test("write, undo, export and import, and log who did it")
    func edits() async throws {
        try await withFolder { path in
            let bench = try await Bench(path)
            try await bench.states.write(
                SourceState(text: "{\"n\":1}", segment: ULID()), of: "shop.orders")
            #expect(try await bench.call(GetState(), "shop").output.contains("{\"n\":1}"))
            #expect(try await bench.call(SetState(), "shop", "orders", "{\"n\":2}").code == .done)
            let exported = try await bench.text()
            #expect(exported == "{\"shop.orders\":\"{\\\"n\\\":2}\"}")
            #expect(try await bench.call(GetState(), "shop", "orders").output.contains("set by"))
            #expect(try await bench.call(ResetState(), "shop").errors.contains("--yes does it"))
            #expect(try await bench.call(ResetState(), "shop", "--yes").code == .done)
            #expect(try await bench.text() == "{}")
            let file = path + "/states.json"
            try Data(exported.utf8).write(to: URL(filePath: file))
            #expect(try await bench.call(ImportState(), "shop", file).code == .done)
            #expect(try await bench.text() == exported)
            // One after the other: the import, the reset, the write.
            for text in ["{}", exported, "{\"shop.orders\":\"{\\\"n\\\":1}\"}"] {
                #expect(try await bench.call(UndoState(), "shop", "orders").code == .done)
                #expect(try await bench.text() == text)
            }
            let none = try await bench.call(UndoState(), "shop", "orders")
            #expect(none.code == .failed && none.errors.contains("nobody"))
            let log = try await bench.call(GetState(), "shop", "--log").output
            for verb in ["set", "reset", "import", "undo", Operator.name] {
                #expect(log.contains(verb))
            }
            // The reader has followed the last one, and read on.
            let last = try #require(try await bench.states.edit(of: "shop.orders"))
            try await bench.states.write(
                SourceState(text: "{\"n\":5}", segment: ULID(), edit: last.id), of: "shop.orders")
            #expect(try await bench.text() == "{\"shop.orders\":\"{\\\"n\\\":5}\"}")
        }
    }

    @Test("refuse what is no state and what has none")
    func refusals() async throws {
        try await withFolder { path in
            let bench = try await Bench(path)
            let cases: [(any Command, [String], String)] = [
                (SetState(), ["shop", "orders", "{n"], "is no JSON"),
                (SetState(), ["shop", "files", "{}"], "has no state of its own"),
                (GetState(), ["shopp"], "did you mean `shop`"),
            ]
            for (command, words, reason) in cases {
                let call = try await VerbCall(command, words, environment: bench.environment)
                #expect(call.code == .usage && call.errors.contains(reason))
            }
        }
    }
}
