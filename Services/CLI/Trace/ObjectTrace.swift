import Events
import Foundation
import Lake
import Pipelines
import Postgres
import Warehouse

/// An object, and what became of it.
struct TracedObject {
    /// `<ulid>-<name>`
    let object: String
    var pipeline: String
    var dataset: String
    /// Nil while it is not published.
    var entry: LedgerEntry?
    var run: Run?
    /// Where its raw bytes lie.
    var rawKey: String?
    /// How many rows of the table are its own, and the keys of some.
    var rows = 0
    var keys: [String] = []
    var rejects: [(reason: String, count: Int)] = []

    /// One word on where it is.
    var state: String {
        if let entry { return entry.replacedBy == nil ? "published" : "replaced" }
        if let run { return run.state.rawValue }
        return rawKey.map { String($0.prefix { $0 != "/" }) } ?? "unknown"
    }
}

/// Follows objects forward to their rows.
struct ObjectTrace {
    private let context: StackContext
    private let limit: Int
    private let pool: PostgresPool
    private let lake: any ObjectStore

    private static let shownKeys = 5

    init(_ context: StackContext, limit: Int) throws {
        self.context = context
        self.limit = limit
        pool = try context.warehouse()
        lake = try context.lake()
    }

    /// The object that `_source_id` names.
    func entry(_ id: Int) async throws -> [TracedObject] {
        guard let entry = try await Ledger(pool).entry(id) else {
            throw CommandError(
                "the ledger has no entry \(id)", try: "millrace runs\(context.dataFlag)")
        }
        return [try await published(entry)]
    }

    /// The objects that a word means.
    ///
    /// - Throws: `CommandError` when there is none.
    func find(_ word: String) async throws -> [TracedObject] {
        let name = String(word.split(separator: "/").last ?? "")
        let ledger = Ledger(pool)
        var entries = try await ledger.find(object: name, limit: limit)
        if entries.isEmpty, name.count >= 8, name.allSatisfy(\.isHexDigit) {
            entries = try await ledger.find(sha256: name, limit: limit)
        }
        if !entries.isEmpty {
            var found: [TracedObject] = []
            for entry in entries { found.append(try await published(entry)) }
            return found
        }
        let found = try await unpublished(name)
        guard !found.isEmpty else {
            throw CommandError(
                "neither the ledger nor the lake knows `\(word)`",
                try: "millrace runs\(context.dataFlag)")
        }
        return found
    }

    private func published(_ entry: LedgerEntry) async throws -> TracedObject {
        var traced = TracedObject(
            object: entry.object, pipeline: entry.pipeline, dataset: entry.dataset, entry: entry)
        traced.run = try await Runs(pool).run(of: entry.batch)
        let manifest = LakeKeys.manifest(entry.pipeline, entry.dataset, batch: entry.batch)
        if let facts = try await lake.facts(at: manifest),
            let index = facts.objects.firstIndex(where: { $0.name == entry.object })
        {
            traced.rawKey = try await lake.rawKeys(of: facts)[index]
        }
        try await addRows(of: entry, to: &traced)
        traced.rejects = try await rejects(entry.object, entry.batch)
        return traced
    }

    private func addRows(of entry: LedgerEntry, to traced: inout TracedObject) async throws {
        let pipeline = try await context.catalog()
            .pipeline(entry.pipeline, revision: entry.revision)
        guard entry.replacedBy == nil, let dataset = pipeline.dataset(entry.dataset) else {
            return
        }
        let table = pipeline.qualifiedTable(dataset.name)
        let names = dataset.load.key.isEmpty ? dataset.columns.map(\.name) : dataset.load.key
        let parts = names.prefix(3).map {
            "concat(\(quotedLiteral($0 + "=")), \(quotedIdentifier($0))::text)"
        }
        let order = names.prefix(3).map(quotedIdentifier).joined(separator: ", ")
        let id = "\(entry.sourceID)"
        let (count, keys) = try await pool.transaction { connection in
            try await QueryWarehouse.restrict(connection, seconds: 60)
            let isThere = try await connection.query(
                "select to_regclass($1) is not null as there", [table])
            guard isThere.first?.boolean("there") == true else { return (0, [String]()) }
            let count = try await connection.query(
                "select count(*) as rows from \(table) where _source_id = $1", [id])
            let keys = try await connection.query(
                """
                select concat_ws(' ', \(parts.joined(separator: ", "))) as key from \(table)
                where _source_id = $1 order by \(order) limit \(Self.shownKeys)
                """, [id])
            return (try count.first?.integer("rows") ?? 0, try keys.map { try $0.text("key") })
        }
        traced.rows = count
        traced.keys = keys
    }

    private func rejects(
        _ object: String, _ batch: ULID
    ) async throws -> [(reason: String, count: Int)] {
        try await pool.query(
            """
            select reason, count(*) as count from millrace.rejects
            where object = $1 and batch = $2 group by reason order by count desc, reason
            """, [object, batch.description]
        ).map { (try $0.text("reason"), try $0.integer("count")) }
    }

    /// Where an object of that name lies that no ledger entry tells of.
    private func unpublished(_ name: String) async throws -> [TracedObject] {
        var found: [TracedObject] = []
        for pipeline in try await context.catalog().names() {
            for zone in [Zone.landing, .working, .quarantine] where found.count < limit {
                let keys = try await keys(named: name, below: "\(zone)/\(pipeline)/")
                for key in keys.prefix(limit - found.count) {
                    found.append(try await look(at: key))
                }
            }
        }
        return found
    }

    private func look(at key: String) async throws -> TracedObject {
        let parts = key.split(separator: "/").map(String.init)
        var traced = TracedObject(object: parts[4], pipeline: parts[1], dataset: parts[2])
        traced.rawKey = key
        if let batch = LakeKeys.working(key)?.id {
            traced.run = try await Runs(pool).run(of: batch)
            traced.rejects = try await rejects(traced.object, batch)
        }
        return traced
    }

    /// Keys whose last part is the name, or ends in the file's.
    private func keys(named name: String, below prefix: String) async throws -> [String] {
        var keys: [String] = []
        var marker: String?
        repeat {
            let page = try await lake.list(prefix: prefix, after: marker, limit: 1_000)
            for key in page.map(\.key) {
                let parts = key.split(separator: "/")
                guard parts.count == 5, let last = parts.last else { continue }
                if last == name || last.dropFirst(27) == name { keys.append(key) }
            }
            marker = page.count < 1_000 ? nil : page.last?.key
        } while marker != nil && keys.count < limit
        return keys
    }
}
