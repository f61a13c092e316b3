import Events
import Foundation
import Kit
import Pipelines
import Postgres
import Testing

@testable import loader

/// Three versions of one public dataset, of 25, 41 and 56 columns, as they were published in April
/// 2020, June 2020 and March 2021.
@Suite(
    "A dataset of three versions",
    .enabled(if: Rig.isReady, "\(Rig.missing)"),
    .enabled(if: TestData.path("covid19") != nil, "needs the test data `covid19`"), .serialized,
    .timeLimit(.minutes(5)))
struct CovidTests {
    private static let names = [
        "states_daily_versions/states_daily_4pm_et_2020-04-12.csv",
        "states_daily_versions/states_daily_2020-06.csv",
        "truncated_downloads/states_daily.truncated.csv",
    ]

    private static func pipeline(_ contract: Contract) -> Pipeline {
        Pipeline.days(
            contract, columns: [.of("day", .text, field: "date"), .of("state", .text)], key: [])
    }

    private static func files() throws -> [(name: String, text: Data)] {
        try names.map { name in
            let path = try #require(TestData.path("covid19/\(name)"))
            return (
                name: String(name.split(separator: "/")[1]),
                text: try Data(contentsOf: URL(filePath: path))
            )
        }
    }

    @Test("is one table in whatever order the versions come")
    func orders() async throws {
        let contract = Contract(
            newColumns: .evolve, missingColumns: .evolve, nulls: ["", "NA", "N/A"])
        let files = try Self.files()
        var seen: Set<[String]> = []
        for order in permutations(3) {
            let table = try await Rig.with { rig in
                var counts = Counts()
                for index in order {
                    let facts = try await rig.transform([files[index]], of: Self.pipeline(contract))
                    counts = counts + (try await rig.load(facts).counts)
                }
                // The last record of the third file is cut short.
                #expect(counts.published == 2_112 + 5_785 + 2_684 && counts.rejected == 1)
                let columns = try await rig.days()
                #expect(columns.count == 58)
                #expect(columns.contains("fips text") && columns.contains("positive bigint"))
                let names = columns.map { "\"\($0.split(separator: " ")[0])\"" }
                let digest = try await rig.values(
                    """
                    select md5(string_agg(line, E'\\n' order by line))
                    from (select concat_ws('|', \(names.map { "coalesce(\($0)::text, '~')" }
                        .joined(separator: ", "))) as line from shop.days) as lines
                    """)
                return columns + digest.compactMap(\.self)
            }
            seen.insert(table)
        }
        #expect(seen.count == 1)
    }

    @Test("has every value as it was written")
    func values() async throws {
        let contract = Contract(newColumns: .evolve, nulls: [])
        try await Rig.with { rig in
            let files = try Self.files()
            for index in [1, 2, 0] {
                let facts = try await rig.transform([files[index]], of: Self.pipeline(contract))
                _ = try await rig.load(facts)
            }
            let lines = String(decoding: files[0].text, as: UTF8.self).split(separator: "\n")
            let fields = lines[0].split(separator: ",").map {
                $0 == "date" ? "day" : ColumnName.of(field: String($0))
            }
            let list = fields.map { "coalesce(\"\($0)\"::text, '')" }.joined(separator: ", ")
            let found = try await rig.values(
                """
                select concat_ws(',', \(list)) from shop.days
                join millrace.ledger on source_id = _source_id
                where name = '\(files[0].name)'
                """)
            #expect(Set(found.compactMap(\.self)) == Set(lines.dropFirst().map(String.init)))
        }
    }

    @Test("is refused with the names of the columns where the contract freezes them")
    func frozen() async throws {
        try await Rig.with { rig in
            let files = try Self.files()
            let header = String(decoding: files[0].text, as: UTF8.self).split(separator: "\n")[0]
            let columns = header.split(separator: ",").map {
                Column.of(ColumnName.of(field: String($0)), .text, field: String($0))
            }
            let pipeline = Pipeline.days(Contract(), columns: columns, key: [])
            let facts = try await rig.transform(files, of: pipeline)
            #expect(facts.objects.map { $0.refusal == nil } == [true, false, false])
            for name in ["dataQualityGrade", "totalTestsViral", "granularity", "county"] {
                #expect(facts.objects[1].refusal?.contains("`\(name)`") == true)
            }
            #expect(facts.objects[1].refusal?.contains("16 fields that are none") == true)
            #expect(facts.objects[2].refusal?.contains("`probableCases`") == true)
            #expect(try await rig.load(facts).counts.published == 2_112)
        }
    }
}
