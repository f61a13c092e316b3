import Foundation
import Testing

@testable import millrace

@Suite("The load of a drill")
struct DrillContentTests {
    @Test("is the same for the same seed and another one for another")
    func seeds() {
        var (one, same, other) = (
            DrillContent(seed: 5), DrillContent(seed: 5), DrillContent(seed: 6)
        )
        for _ in 0..<6 {
            let file = one.next()
            #expect(same.next().bytes == file.bytes)
            #expect(other.next().bytes != file.bytes)
        }
        #expect(one.total == same.total)
    }

    @Test("expects of its own files what a reader finds in them", arguments: DrillTable.allCases)
    func expectation(table: DrillTable) throws {
        var content = DrillContent(seed: 3)
        var best: [Int: (stamp: String, line: String)] = [:]
        var rejected: [String: Int] = [:]
        for _ in 0..<20 {
            let file = content.next(limit: 800)
            let lines = String(decoding: file.bytes, as: UTF8.self).split(separator: "\n")
            #expect(lines.count == file.rows + 1)
            for line in lines.dropFirst() {
                let fields = line.split(separator: ",", omittingEmptySubsequences: false)
                if let flaw = Self.flaw(fields[2]) {
                    rejected[flaw, default: 0] += 1
                } else if file.table == table {
                    let id = try #require(Int(fields[0]))
                    let stamp = String(fields[1])
                    let isNewer = best[id].map { $0.stamp < stamp } ?? true
                    if isNewer { best[id] = (stamp, String(line)) }
                }
            }
        }
        var expected: [Int: String] = [:]
        content.expected(table) { row in
            var bytes: [UInt8] = []
            row.append(to: &bytes, separator: UInt8(ascii: ","))
            expected[row.id] = String(decoding: bytes.dropLast(), as: UTF8.self)
        }
        #expect(expected == best.mapValues(\.line))
        let first = try #require(expected.keys.min())
        #expect(content.file(of: first, in: table)?.hasPrefix("\(table)-") == true)
        #expect(content.rejected == rejected)
        #expect(rejected.count == DrillFlaw.allCases.count)
    }

    private static func flaw(_ amount: Substring) -> String? {
        if amount.isEmpty { return "missing_value" }
        if amount.hasPrefix("x") { return "bad_value" }
        return amount.hasPrefix("-") ? "out_of_range" : nil
    }
}
