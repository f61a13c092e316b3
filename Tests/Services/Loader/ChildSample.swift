import Events
import Foundation
import Pipelines
import Testing

@testable import loader

/// A record with elements.
struct Order {
    let id: Int
    let version: Int
    let items: [String]
    var isGone = false

    var json: String {
        let items = items.map { #"{"sku":"\#($0)","price":4.10}"# }.joined(separator: ",")
        return #"{"id":\#(id),"version":\#(version),"gone":\#(isGone),"items":[\#(items)]}"#
    }

    var rows: [String] { items.enumerated().map { "\(id) \($0 + 1) \($1)" } }
}

extension [Order] {
    /// Each in an object of its own.
    var files: [(name: String, text: Data)] {
        map { ("o.jsonl", Data($0.json.utf8)) }
    }

    /// All in one object.
    var together: [(name: String, text: Data)] {
        [("o.jsonl", Data(map(\.json).joined(separator: "\n").utf8))]
    }
}

extension Pipeline {
    static func orders(
        load: Load? = nil, deletes: Bool = false, checks: [Check] = []
    ) -> Pipeline {
        var dataset = Dataset(
            name: "orders",
            source: .files(FilesSource(path: "in", patterns: ["*"], settleMilliseconds: 100)),
            format: .jsonLines,
            columns: [.of("id", .bigint), .of("version", .bigint), .of("gone", .boolean)],
            transform: nil,
            load: load
                ?? Load(
                    mode: .merge, key: ["id"], newestBy: "version",
                    deleteWhen: deletes ? "gone" : nil), checks: checks)
        dataset.children = [
            Child(
                name: "items", path: "items", columns: [.of("sku", .text), .of("price", .decimal)],
                isPlain: false)
        ]
        return Pipeline(
            name: "shop", description: nil, schema: "shop", parameters: [], datasets: [dataset],
            models: [])
    }
}

extension Rig {
    func items() async throws -> [String] {
        try await values(
            "select concat_ws(' ', id, _position, sku) from shop.orders_items order by id, _position"
        ).compactMap(\.self)
    }

    /// Each element was counted once, and those that are published at first are there, or gave way.
    func expectBalance(read: Int) async throws {
        let sums = try await values(
            """
            select concat_ws(' ', sum(read), sum(published + superseded + filtered + rejected))
            from millrace.child_counts
            """)
        #expect(sums == ["\(read) \(read)"])
    }
}
