import Foundation
import Testing

@testable import millrace

@Suite("Times and amounts")
struct TimeTextTests {
    @Test(
        "are as exact as a person needs",
        arguments: [
            (0.0123, "12 ms"), (0.914, "0.91 s"), (4.24, "4.2 s"), (73.4, "73 s"),
            (12_345, "12,345 s"),
        ])
    func seconds(number: Double, text: String) {
        #expect(TimeText.seconds(number) == text)
    }

    @Test(
        "have commas between thousands",
        arguments: [(0, "0"), (999, "999"), (1651, "1,651"), (-20_000_000, "-20,000,000")])
    func grouped(number: Int, text: String) {
        #expect(TimeText.grouped(number) == text)
    }

    @Test("can be given as long ago, as a day and as a time with its zone")
    func since() {
        let now = Date(timeIntervalSince1970: 1_000_000)
        #expect(TimeText.since("2h", now: now) == now - 7200)
        #expect(TimeText.since("7d", now: now) == now - 604_800)
        #expect(TimeText.since("1970-01-02") == Date(timeIntervalSince1970: 86_400))
        #expect(TimeText.since("1970-01-02T01:00:00Z") == Date(timeIntervalSince1970: 90_000))
        for text in ["", "h", "-2h", "yesterday", "2h30"] {
            #expect(TimeText.since(text) == nil)
        }
    }
}
