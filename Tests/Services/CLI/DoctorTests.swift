import Foundation
import Stack
import Testing

@testable import millrace

@Suite("The doctor")
struct DoctorTests {
    @Test(
        "judges an amount by two limits",
        arguments: [(400, Finding.Verdict.fail), (500, .warn), (999, .warn), (1_000, .ok)])
    func amounts(value: Int, verdict: Finding.Verdict) {
        let finding = Finding.amount(
            "disk", value, fails: 500, warns: 1_000, unit: "MiB free", fix: "make room")
        #expect(finding.verdict == verdict)
        #expect((finding.fix == nil) == (verdict == .ok))
    }

    @Test("finds room, memory and a clock on this host, with a fix for all that is wrong")
    func host() async throws {
        let folder = StackFolder(NSTemporaryDirectory() + "/not/there/yet")
        let findings = await HostExamination(folder: folder).findings()
        for subject in ["clock", "disk", "memory", "permissions"] {
            let finding = try #require(findings.first { $0.subject == subject })
            #expect(finding.verdict != .fail, "\(finding)")
        }
        for finding in findings where finding.verdict != .ok { #expect(finding.fix != nil) }
    }
}
