import Events
import Foundation
import Testing

@testable import notifier

@Suite("A mail about an alert")
struct MailTextTests {
    private func alert(title: String, kind: Alert.Kind = .raised) -> Alert {
        Alert(
            id: "b.k.raised", kind: kind, key: "k", topic: "check_warned", severity: .warning,
            pipeline: "goodreads", dataset: "reviews", batch: "B1", title: title,
            detail: "37 rows\n    rating=9", command: "millrace show B1",
            time: Date(timeIntervalSince1970: 0))
    }

    @Test("says in its subject how bad it is and what it is about")
    func subject() {
        let title = "goodreads.reviews: range(rating) failed"
        #expect(
            MailText.subject(of: alert(title: title))
                == "[millrace] warning goodreads.reviews: range(rating) failed")
        #expect(
            MailText.subject(of: alert(title: title, kind: .resolved)).hasPrefix(
                "[millrace] resolved "))
    }

    @Test(
        "keeps its subject on one line, whatever the title holds",
        arguments: ["a\r\nBcc: x@y.z", "a\nb", "a\u{0}\u{1B}[31mb", "a\u{85}b", " a  b "])
    func oneLine(title: String) {
        let subject = MailText.subject(of: alert(title: title))
        #expect(subject.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x85 })
        #expect(!subject.contains("  "))
    }

    @Test("is not longer than readers show")
    func long() {
        let subject = MailText.subject(of: alert(title: String(repeating: "ü", count: 5000)))
        #expect(subject.count < 230)
    }

    @Test("tells what happened and what to type")
    func body() {
        #expect(
            MailText.body(of: alert(title: "it failed"), subscription: "S1") == """
                it failed

                37 rows
                    rating=9

                What to type next:
                    millrace show B1

                1970-01-01T00:00:00Z, topic check_warned, run B1
                You get this by subscription S1.
                """)
    }
}
