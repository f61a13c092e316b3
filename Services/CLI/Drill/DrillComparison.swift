import Foundation
import Postgres

/// Compares what a drill has sent with what is in the warehouse, key by key, by the generator's own
/// account alone.
struct DrillComparison: Sendable {
    let content: DrillContent
    let pipeline: DrillPipeline
    let warehouse: PostgresPool

    /// A key that is not as it must be.
    struct Finding: Sendable, Encodable {
        let table: String
        let id: Int
        /// `lost`, `duplicated` or `wrong`.
        let verdict: String
        /// The file that it came in, where it was sent.
        let file: String?
    }

    /// What was found.
    struct Result: Sendable {
        var inTable = 0
        var rejected = 0
        var lost = 0
        var duplicated = 0
        var wrong = 0
        /// The first of them.
        var findings: [Finding] = []
    }

    func run() async throws -> Result {
        var result = Result()
        for table in DrillTable.allCases {
            try await warehouse.with { connection in
                try await bring(table, to: connection)
                try await compare(table, connection, &result)
            }
        }
        try await compareRejects(&result)
        return result
    }

    /// The expected rows in a temporary table; through a file, since they may be millions.
    private func bring(_ table: DrillTable, to connection: PostgresConnection) async throws {
        let path = "\(pipeline.scratch)/expected-\(table)"
        try write(table, to: path)
        defer { unlink(path) }
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { file.closeFile() }
        try await connection.execute(
            """
            drop table if exists drill_expected;
            create temporary table drill_expected (
                id bigint, seen_at timestamp, amount bigint, note text, checksum bigint)
            """)
        _ = try await connection.copyIn(
            "copy drill_expected from stdin", from: file.fileDescriptor)
        try await connection.execute("analyze drill_expected")
    }

    private func write(_ table: DrillTable, to path: String) throws {
        try Data().write(to: URL(filePath: path))
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        defer { file.closeFile() }
        var bytes: [UInt8] = []
        try content.expected(table) { row in
            row.append(to: &bytes, separator: UInt8(ascii: "\t"))
            guard bytes.count > 1 << 20 else { return }
            try file.write(contentsOf: bytes)
            bytes.removeAll(keepingCapacity: true)
        }
        try file.write(contentsOf: bytes)
    }

    private func compare(
        _ table: DrillTable, _ connection: PostgresConnection, _ result: inout Result
    ) async throws {
        let exists = try await connection.query(
            "select to_regclass($1) is not null as there", [pipeline.sql(table)])
        guard exists.first?.boolean("there") == true else {
            content.expected(table) { _ in result.lost += 1 }
            return
        }
        let counts = try await connection.query(
            """
            select coalesce(sum(copies), 0) as rows,
                count(*) filter (where verdict = 'lost') as lost,
                coalesce(sum(coalesce(copies, 0) - 1) filter (where copies > 1), 0)
                    + count(*) filter (where verdict = 'stranger') as duplicated,
                count(*) filter (where verdict = 'wrong') as wrong
            from (\(verdicts(table))) as judged
            """)
        guard let row = counts.first else { return }
        result.inTable += try row.integer("rows")
        result.lost += try row.integer("lost")
        result.duplicated += try row.integer("duplicated")
        result.wrong += try row.integer("wrong")
        let found = try await connection.query(
            """
            select id, verdict from (\(verdicts(table))) as judged where verdict <> 'right'
            order by id limit 10
            """)
        for row in found {
            let id = try row.integer("id")
            result.findings.append(
                Finding(
                    table: table.rawValue, id: id, verdict: try row.text("verdict"),
                    file: content.file(of: id, in: table)))
        }
    }

    /// Each key that is expected or there, with what is to be said about it.
    private func verdicts(_ table: DrillTable) -> String {
        """
        select id, copies, case
            when found.copies is null then 'lost'
            when expected.checksum is null then 'stranger'
            when found.copies > 1 then 'duplicated'
            when found.row is distinct from
                (expected.seen_at, expected.amount, expected.note, expected.checksum)::text
                then 'wrong'
            else 'right' end as verdict
        from drill_expected as expected
        full join (
            select id, count(*) as copies, min((seen_at, amount, note, checksum)::text) as row
            from \(pipeline.sql(table)) group by id
        ) as found using (id)
        """
    }

    private func compareRejects(_ result: inout Result) async throws {
        let sql = """
            select reason, count(*) as count from millrace.rejects
            where pipeline = $1 group by reason
            """
        var found: [String: Int] = [:]
        for row in try await warehouse.query(sql, [pipeline.name]) {
            found[try row.text("reason")] = try row.integer("count")
        }
        result.rejected = found.values.reduce(0, +)
        for reason in Set(found.keys).union(content.rejected.keys) {
            let difference = found[reason, default: 0] - content.rejected[reason, default: 0]
            result.lost += max(0, -difference)
            result.duplicated += max(0, difference)
        }
    }
}
