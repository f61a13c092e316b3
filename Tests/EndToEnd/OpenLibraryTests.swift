import Foundation
import HTTPServer
import Kit
import Postgres
import Synchronization
import Testing

extension EndToEnd {
    @Suite("Open Library")
    struct OpenLibraryTests {
        @Test("is followed by its changes: each thing of each change is asked for once")
        func followed() async throws {
            let stack = try TestStack.required()
            let warehouse = try stack.warehouse()
            let server = try HTTPServer()
            let library = Library()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await server.run { library.answer($0) } }
                let folder = try stack.newFolder("library").appending(path: "open-library")
                try Self.write(folder, "http://127.0.0.1:\(server.port)")
                let applied = try await stack.millrace("apply", folder.path)
                try #require(applied.code == 0, "\(applied.errors)")
                let sql = """
                    select string_agg(title || ' ' || revision, ', ' order by work_key) as titles
                    from open_library.works
                    """
                try await eventually {
                    try await Self.text(sql, warehouse) == "Winter Wheat 1, Paper Boats 1"
                }
                library.edit()
                try await eventually {
                    try await Self.text(sql, warehouse) == "Winter Wheat, revised 2, Paper Boats 1"
                }
                try await eventually {
                    try await Self.text(
                        "select work_key || ' ' || edition_key as titles from open_library.editions",
                        warehouse)
                        == "/works/OL1W /books/OL1M"
                }
                #expect(
                    try await Self.text(
                        "select name || ' ' || coalesce(location, '-') as titles from open_library.authors",
                        warehouse)
                        == "Mildred Walker -")
                group.cancelAll()
            }
            #expect(
                library.asked.sorted() == [
                    "/authors/OL1A.json", "/books/OL1M.json", "/books/OL9M.json",
                    "/works/OL1W.json",
                    "/works/OL1W.json", "/works/OL2W.json",
                ])
        }

        private static func write(_ folder: URL, _ url: String) throws {
            let shipped = "\(TestData.packageRoot)/compose/pipelines/open-library"
            try FileManager.default.copyItem(at: URL(filePath: shipped), to: folder)
            let file = folder.appending(path: "pipeline.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
                .replacing("https://openlibrary.org", with: url)
                .replacing("every: 5m", with: "every: 1s").replacing(
                    "rate: 1/s", with: "rate: 50/s")
            try text.write(to: file, atomically: true, encoding: .utf8)
        }

        private static func text(_ sql: String, _ warehouse: PostgresPool) async throws -> String? {
            let there = try await warehouse.query(
                """
                select to_regclass('open_library.works')::text || to_regclass('open_library.editions')::text
                    || to_regclass('open_library.authors')::text as name
                """)
            guard there.first?["name"] != nil else { return nil }
            return try await warehouse.query(sql).first?["titles"]
        }
    }
}

/// A few things in the shapes of Open Library, and what has changed of them.
private final class Library: Sendable {
    private let state = Mutex((isEdited: false, asked: [String]()))

    /// The paths of things that were asked for.
    var asked: [String] { state.withLock { $0.asked } }

    /// Somebody revises a work.
    func edit() { state.withLock { $0.isEdited = true } }

    func answer(_ request: HTTPServerRequest) -> HTTPServerResponse {
        let isEdited = state.withLock { $0.isEdited }
        if request.path == "/recentchanges.json" {
            let changes = (isEdited ? [Self.revision] : []) + Self.changes
            return Self.json("[\(changes.joined(separator: ", "))]")
        }
        state.withLock { $0.asked.append(request.path) }
        switch request.path {
        case "/works/OL1W.json":
            let title = isEdited ? "Winter Wheat, revised" : "Winter Wheat"
            return Self.thing("work", "/works/OL1W", isEdited ? 2 : 1, "\"title\": \"\(title)\"")
        case "/works/OL2W.json":
            return Self.thing("work", "/works/OL2W", 1, "\"title\": \"Paper Boats\"")
        case "/books/OL1M.json":
            return Self.thing(
                "edition", "/books/OL1M", 1,
                "\"title\": \"Winter Wheat\", \"works\": [{\"key\": \"/works/OL1W\"}]")
        case "/authors/OL1A.json":
            return Self.thing("author", "/authors/OL1A", 1, "\"name\": \"Mildred  Walker\"")
        default: return .notFound
        }
    }

    private static let revision = """
        {"id": "3", "kind": "edit-book", "timestamp": "2024-05-01T10:00:00.5", "comment": "", "author": null,
         "changes": [{"key": "/works/OL1W", "revision": 2}]}
        """
    private static let changes = [
        """
        {"id": "2", "kind": "add-book", "timestamp": "2024-05-01T09:00:00.123456", "changes": [
         {"key": "/books/OL1M", "revision": 1}, {"key": "/works/OL1W", "revision": 1},
         {"key": "/authors/OL1A", "revision": 1}]}
        """,
        """
        {"id": "1", "kind": "edit-book", "timestamp": "2024-05-01T08:00:00", "changes": [
         {"key": "/works/OL2W", "revision": 1}, {"key": "/books/OL9M", "revision": 4}]}
        """,
    ]

    private static func thing(
        _ type: String, _ key: String, _ revision: Int, _ fields: String
    ) -> HTTPServerResponse {
        json(
            """
            {"type": {"key": "/type/\(type)"}, "key": "\(key)", "revision": \(revision), \(fields),
             "last_modified": {"type": "/type/datetime", "value": "2024-05-01T10:00:0\(revision)"}}
            """)
    }

    private static func json(_ text: String) -> HTTPServerResponse {
        HTTPServerResponse(text, contentType: "application/json")
    }
}
