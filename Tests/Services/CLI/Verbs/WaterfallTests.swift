import Events
import Foundation
import Testing

@testable import millrace

@Suite("A waterfall")
struct WaterfallTests {
    @Test("hangs each step where the one before ended")
    func bars() {
        let start = Date(timeIntervalSince1970: 1_790_000_000)
        let times: StepTimes = [
            .arrived: start, .captured: start + 0.25, .landed: start + 0.5, .published: start + 1,
        ]
        let lines = Waterfall(times).lines { text, _ in text }
        #expect(
            lines == [
                "Latency   arrival to queryable 1.0 s",
                "  captured     ██████████                                0.25 s",
                "  landed                 ██████████                      0.25 s",
                "  published                        ████████████████████  0.50 s",
            ])
    }

    @Test("says nothing of a run that has only begun")
    func empty() {
        #expect(Waterfall([.arrived: Date()]).lines { text, _ in text }.isEmpty)
    }

    @Test("never leaves its width", arguments: [(0.0, 1.0), (0.99, 0.5), (1.0, 0.0), (0.5, 0.51)])
    func width(offset: Double, share: Double) {
        #expect(Waterfall.bar(from: offset, share: share).count == 40)
    }
}
