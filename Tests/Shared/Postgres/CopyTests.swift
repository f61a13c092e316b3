import Foundation
import Kit
import Postgres
import Testing

@Suite(
    "A copy into a table", .enabled(if: TestWarehouse.isAvailable, "\(TestWarehouse.missing)"),
    .timeLimit(.minutes(5)))
struct CopyTests {
    private let copy = "copy t from stdin (format csv, null '\\N')"

    @Test("takes all rows that a pipe gives, whatever the size of the pieces")
    func pipe() async throws {
        try await withPool { pool in
            let pipe = Pipe()
            let writer = Thread {
                for line in 0..<200_000 {
                    pipe.fileHandleForWriting.write(Data("\(line),\"a\nb\"\n".utf8))
                }
                pipe.fileHandleForWriting.closeFile()
            }
            writer.start()
            let rows = try await pool.with { connection in
                try await connection.execute("create table t (n int, x text)")
                return try await connection.copyIn(
                    copy, from: pipe.fileHandleForReading.fileDescriptor)
            }
            #expect(rows == 200_000)
            let sum = try await pool.query("select sum(n) as sum, max(x) as x from t").first
            #expect(sum?["sum"] == "19999900000" && sum?["x"] == "a\nb")
        }
    }

    @Test("tells an empty text from a null")
    func nulls() async throws {
        try await withPool { pool in
            try await load("1,\"\"\n2,\\N\n3,\"\\N\"\n", pool)
            let rows = try await pool.query("select x from t order by n")
            #expect(rows.map { $0["x"] } == ["", nil, "\\N"])
        }
    }

    @Test("names the line of a value that does not fit, and copies nothing")
    func badValue() async throws {
        try await withPool { pool in
            let error = await #expect(throws: PostgresError.self) {
                try await load("1,a\nx,b\n", pool)
            }
            #expect(error?.sqlState == "22P02" && error?.place?.contains("line 2") == true)
            let rows = try await pool.query("select 1 from t")
            #expect(rows.isEmpty)
        }
    }

    @Test("that waits for a silent pipe is stopped with its task")
    func cancellation() async throws {
        try await withPool { pool in
            let pipe = Pipe()
            try await pool.with { try await $0.execute("create table t (n int, x text)") }
            let copying = Task {
                try await pool.with { connection in
                    try await connection.copyIn(
                        copy, from: pipe.fileHandleForReading.fileDescriptor)
                }
            }
            pipe.fileHandleForWriting.write(Data("1,a\n".utf8))
            copying.cancel()
            await #expect(throws: CancellationError.self) { try await copying.value }
            #expect(try await pool.query("select 1 from t").isEmpty)
        }
    }

    private func load(_ csv: String, _ pool: PostgresPool) async throws {
        let pipe = Pipe()
        pipe.fileHandleForWriting.write(Data(csv.utf8))
        try pipe.fileHandleForWriting.close()
        _ = try await pool.with { connection in
            try await connection.execute("create table t (n int, x text)")
            return try await connection.copyIn(
                copy, from: pipe.fileHandleForReading.fileDescriptor)
        }
    }
}
