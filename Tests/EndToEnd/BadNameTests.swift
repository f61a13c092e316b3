import Foundation
import Kit
import Postgres
import Testing

extension EndToEnd {
    @Suite("A file with a strange name")
    struct BadNameTests {
        private static let names = [
            ", NULL'); DROP SCHEMA Public --.csv", "a b%2Fc+d.csv", "\u{1F600} é.csv",
            "..csv", "-rf.csv", "$(touch x)`y`\"z\".csv", "select\\n\n.csv",
            "Case.csv", "case.csv", String(repeating: "n", count: 240) + ".csv",
        ]

        @Test("is loaded like any other, and its name harms nothing on its way")
        func strange() async throws {
            let stack = try TestStack.required()
            let folder = try stack.newFolder("strange_names")
            let yaml = """
                name: strange_names
                datasets:
                  things:
                    source: {files: strange_names}
                    columns: {id: bigint required}
                    load: append
                """
            try yaml.write(
                to: folder.appending(path: "pipeline.yaml"), atomically: true, encoding: .utf8)
            try #require(try await stack.millrace("apply", folder.path).code == 0)
            var paths: [String] = []
            for (index, name) in Self.names.enumerated() {
                let path = "\(folder.path)/\(name)"
                try Data("id\n\(index)\n".utf8).write(to: URL(filePath: path))
                paths.append(path)
            }
            let answer = try await stack.millrace(
                ["put", "strange_names", "things", "--wait"] + paths)
            #expect(answer.code == 0, "\(answer.text)\(answer.errors)")
            let warehouse = try stack.warehouse()
            let ids = try await warehouse.query("select id from strange_names.things order by id")
            #expect(try ids.map { try $0.integer("id") } == Array(Self.names.indices))
            let objects = try await warehouse.query(
                "select name from millrace.ledger where pipeline = 'strange_names'")
            for row in objects {
                let name = try row.text("name")
                #expect(name.wholeMatch(of: /[A-Za-z0-9._-]{1,128}/) != nil, "\(name)")
            }
        }
    }
}
