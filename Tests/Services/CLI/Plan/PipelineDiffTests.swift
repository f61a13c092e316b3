import Pipelines
import Testing

@testable import millrace

@Suite("The difference of two revisions")
struct PipelineDiffTests {
    private static let before = Pipeline(
        name: "shop", description: nil, schema: "shop",
        parameters: [Parameter(name: "top", type: .integer, value: "3")],
        datasets: [
            Dataset(
                name: "books",
                source: .files(FilesSource(path: "in", patterns: ["*"], settleMilliseconds: 1)),
                format: .jsonLines,
                columns: [
                    Column(name: "id", field: "id", type: .bigint),
                    Column(name: "title", field: "title", type: .text),
                ], transform: nil,
                load: Load(mode: .merge, key: ["id"], newestBy: nil),
                checks: [
                    Check(name: "ids", rule: .notNull(column: "id"), severity: .block)
                ])
        ],
        models: [
            Model(
                name: "first", sql: "select * from {{books}} limit {{top}}", dependsOn: ["books"],
                key: [], checks: []),
            Model(
                name: "second", sql: "select * from {{first}}", dependsOn: ["first"], key: [],
                checks: []),
        ])

    private func changes(_ edit: (inout Pipeline) -> Void) throws -> [String] {
        var after = Self.before
        edit(&after)
        return try PipelineDiff(from: Self.before, to: after).changes()
            .map { "\($0.area) \($0.kind.rawValue) \($0.subject) \($0.detail)" }
    }

    @Test("is nothing where nothing changed, and everything where it is new")
    func ends() throws {
        #expect(try changes { _ in }.isEmpty)
        let new = try PipelineDiff(from: nil, to: Self.before).changes()
        #expect(new.map(\.subject) == ["shop.books", "shop.first", "shop.second"])
        #expect(new.allSatisfy { $0.kind == .add && $0.weight == .plain })
    }

    @Test("names columns, keys, checks and schedules")
    func parts() throws {
        #expect(
            try changes {
                $0.datasets[0].columns.append(Column(name: "lang", field: "lang", type: .text))
            } == ["column add shop.books.lang text"])
        #expect(
            try changes { $0.datasets[0].columns[1].type = .json }
                == ["column change shop.books.title text -> json"])
        #expect(
            try changes { $0.datasets[0].columns.removeLast() }
                == ["column remove shop.books.title text"])
        #expect(
            try changes { $0.datasets[0].load.key = ["title"] }
                == ["load change shop.books merge by id -> merge by title"])
        #expect(
            try changes { $0.datasets[0].checks[0].severity = .warn }
                == ["check change shop.books.ids block -> warn"])
        #expect(
            try changes { $0.trigger = Trigger(.every(seconds: 600)) }
                == ["schedule change shop arrival -> every 10m"])
        #expect(try changes { $0.datasets[0].contract.newColumns = .evolve }.count == 1)
    }

    @Test("follows models downstream, and parameters into their SQL")
    func models() throws {
        let expected = [
            "model change shop.first its SQL or key", "model change shop.second reads first",
        ]
        #expect(try changes { $0.models[0].sql += " offset 1" } == expected)
        #expect(try changes { $0.parameters[0].value = "4" } == expected)
        #expect(
            try changes { $0.models.removeLast() } == ["model remove shop.second "])
    }

    @Test("is grave where something is left behind")
    func weight() throws {
        var after = Self.before
        after.datasets = []
        after.models = []
        let changes = try PipelineDiff(from: Self.before, to: after).changes()
        #expect(changes.count == 3 && changes.allSatisfy { $0.weight == .destructive })
    }
}
