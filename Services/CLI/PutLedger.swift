import Events
import Foundation
import Lake
import Postgres

/// What the warehouse says about the files of a `put`.
struct PutLedger {
    let pool: PostgresPool
    let lake: any ObjectStore
    let pipeline: String
    let dataset: String

    /// Marks the files whose bytes the dataset has already.
    func markKnown(_ files: inout [PutFile]) async throws {
        let rows = try await pool.query(
            """
            select distinct on (sha256) sha256, batch from millrace.ledger
            where pipeline = $1 and dataset = $2
                and sha256 in (select jsonb_array_elements_text($3::jsonb))
            order by sha256, committed_at
            """, [pipeline, dataset, try Self.list(files.map(\.sha256))])
        for row in rows {
            for index in files.indices where files[index].sha256 == row["sha256"] {
                files[index].state = .nothingNew
                files[index].run = row["batch"]
            }
        }
    }

    /// Returns when every file that was handed over is published or refused, or at the limit.
    func wait(_ files: inout [PutFile], limit: Duration, _ console: Console) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        let begin = Date()
        var isPatient = false
        while files.contains(where: { $0.state == .handedOver }), clock.now < deadline {
            // The ledger is written in one transaction with the rows: 30 ms is how late this can
            // be, and less than a hop of the way.
            if isPatient { try await Task.sleep(for: .milliseconds(30)) }
            isPatient = true
            try await markPublished(&files)
            try await markRefused(&files, since: begin)
            try await markSetAside(&files)
            let rest = files.count { $0.state == .handedOver }
            console.progress("waiting for \(rest) of \(files.count) files")
        }
        console.endProgress()
    }

    private func markPublished(_ files: inout [PutFile]) async throws {
        let waiting = files.filter { $0.state == .handedOver }.compactMap(\.object)
        let rows = try await pool.query(
            """
            select object, batch, read, published, superseded, filtered, rejected
            from millrace.ledger where pipeline = $1 and dataset = $2
                and object in (select jsonb_array_elements_text($3::jsonb))
            """, [pipeline, dataset, try Self.list(waiting)])
        for row in rows {
            guard let index = files.firstIndex(where: { $0.object == row["object"] }) else {
                continue
            }
            let counts = Counts(
                read: try row.integer("read"), published: try row.integer("published"),
                superseded: try row.integer("superseded"), filtered: try row.integer("filtered"),
                rejected: try row.integer("rejected"))
            files[index].state = counts.isAllRejected ? .rejected : .published
            files[index].run = row["batch"]
            files[index].counts = counts
        }
    }

    /// A batch that is not published has no ledger rows: its manifest says which objects it has.
    private func markRefused(_ files: inout [PutFile], since begin: Date) async throws {
        let rows = try await pool.query(
            """
            select batch, state from millrace.runs where pipeline = $1 and dataset = $2
                and state in ('refused', 'failed') and updated_at > $3::timestamptz
            """, [pipeline, dataset, begin.addingTimeInterval(-60).ISO8601Format()])
        for row in rows {
            guard let batch = try ULID(row.text("batch")) else { continue }
            let objects = try await objects(of: batch)
            for index in files.indices where files[index].state == .handedOver {
                guard let object = files[index].object, objects.contains(object) else { continue }
                files[index].state = try row.text("state") == "refused" ? .refused : .failed
                files[index].run = batch.description
            }
        }
    }

    /// An event that was set aside before there was a run begins with its object's id.
    private func markSetAside(_ files: inout [PutFile]) async throws {
        let waiting = files.filter { $0.state == .handedOver }.compactMap(\.object)
        let rows = try await pool.query(
            """
            select letter_id, left(letter_id, 26) as id from millrace.dead_letters
            where pipeline = $1 and dataset = $2 and state = 'waiting'
                and kind in ('segment.captured', 'object.landed') and left(letter_id, 26) in
                    (select left(jsonb_array_elements_text($3::jsonb), 26))
            """, [pipeline, dataset, try Self.list(waiting)])
        for row in rows {
            let id = try row.text("id")
            for index in files.indices where files[index].object?.hasPrefix(id) == true {
                files[index].state = .failed
                files[index].letter = row["letter_id"]
            }
        }
    }

    private func objects(of batch: ULID) async throws -> Set<String> {
        let facts = try await lake.facts(
            at: LakeKeys.manifest(pipeline, dataset, batch: batch))
        return Set(facts?.objects.map(\.name) ?? [])
    }

    private static func list(_ texts: [String]) throws -> String {
        String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
    }
}
