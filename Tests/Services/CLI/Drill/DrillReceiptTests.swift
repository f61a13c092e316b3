import Stack
import Testing

@testable import millrace

@Suite("The receipt of a drill")
struct DrillReceiptTests {
    @Test("is good when every promise was kept")
    func good() throws {
        #expect(try Self.receipt().isGood)
    }

    @Test(
        "is not when one was broken, or nothing was tried",
        arguments: [
            "lost": { $0.found.lost = 1 }, "duplicated": { $0.found.duplicated = 1 },
            "wrong": { $0.found.wrong = 1 }, "dead": { $0.deadLetters = 1 },
            "left": { $0.left = 1 }, "never in": { $0.recoveredSeconds = nil },
            "no fault": { $0.faults = [:] }, "put off too often": { $0.excessDelays = 3 },
            "memory": { $0.after[.loader]?.bytes = 200 << 20 },
            "files": { $0.after[.loader]?.descriptors = 60 },
        ] as [String: @Sendable (inout DrillReceipt) -> Void])
    func broken(name: String, spoil: @Sendable (inout DrillReceipt) -> Void) throws {
        var receipt = try Self.receipt()
        spoil(&receipt)
        #expect(!receipt.isGood)
    }

    @Test("names the service that has swollen and the event that was put off too often")
    func words() throws {
        var receipt = try Self.receipt()
        receipt.after[.loader]?.descriptors = 60
        receipt.excessDelays = 3
        #expect(receipt.swollen == ["loader"])
        let json = try receipt.json()
        #expect(json.contains("\"excess_delays\" : 3"))
        #expect(json.contains("\"held\" : false"))
    }

    private static func receipt() throws -> DrillReceipt {
        let arguments = try Arguments(["stop-all"], of: Drill(), environment: [:])
        var receipt = DrillReceipt(plan: try DrillPlan(arguments))
        receipt.recoveredSeconds = 1
        receipt.faults = ["stop-all": 2]
        receipt.before = [.loader: DrillUsage(bytes: 40 << 20, descriptors: 25)]
        receipt.after = receipt.before
        return receipt
    }
}
