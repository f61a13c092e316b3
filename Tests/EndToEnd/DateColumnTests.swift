import Foundation
import Kit
import Postgres
import Testing

extension EndToEnd {
    /// The lake keeps files below `date=…`, which an engine could take for a column.
    @Suite("A column that has the name of the lake's days")
    struct DateColumnTests {
        @Test("keeps its own values on the whole way, also as a part of the key")
        func kept() async throws {
            let stack = try TestStack.required()
            let folder = try stack.newFolder("own_dates")
            let yaml = """
                name: own_dates
                datasets:
                  days:
                    source: {files: own_dates}
                    columns: {id: bigint required, date: date required}
                    load: {mode: merge, key: [id, date]}
                """
            try yaml.write(
                to: folder.appending(path: "pipeline.yaml"), atomically: true, encoding: .utf8)
            try #require(try await stack.millrace("apply", folder.path).code == 0)
            let file = folder.appending(path: "days.csv")
            try Data("id,date\n1,2020-01-02\n1,2020-01-03\n2,2020-01-02\n".utf8).write(to: file)
            let put = try await stack.millrace("put", "own_dates", "days", file.path, "--wait")
            #expect(put.code == 0, "\(put.text)\(put.errors)")
            let rows = try await stack.warehouse().query(
                "select id::text || ' ' || date as row from own_dates.days order by 1")
            #expect(
                try rows.map { try $0.text("row") } == [
                    "1 2020-01-02", "1 2020-01-03", "2 2020-01-02",
                ])
            let trace = try await stack.millrace(
                "trace", "own_dates.days", "id=1", "date=2020-01-03")
            #expect(
                trace.code == 0 && trace.text.contains("line      3"),
                "\(trace.text)\(trace.errors)")
            let erased = try await stack.millrace(
                "erase", "own_dates", "--key", "date=2020-01-02", "--yes")
            #expect(erased.code == 0, "\(erased.text)\(erased.errors)")
            let lake = try await stack.millrace(
                "query", "--lake", "select date from processed.own_dates.days", "--format", "csv")
            let days = lake.text.split(whereSeparator: \.isNewline).dropFirst()
            #expect(days == ["2020-01-03"], "\(lake.text)\(lake.errors)")
        }
    }
}
