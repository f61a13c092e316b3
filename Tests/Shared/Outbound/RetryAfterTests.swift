import Foundation
import Testing

@testable import Outbound

@Suite("The header Retry-After")
struct RetryAfterTests {
    @Test(
        "is read as seconds or as a date, and is never negative",
        arguments: [
            ("0", Duration.seconds(0)), ("120", .seconds(120)), ("-5", nil), ("soon", nil),
            ("", nil), ("1.5", nil), ("Sun, 06 Nov 1994 08:49:47 GMT", .seconds(10)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", .seconds(0)),
            ("99999999999999999999999", .seconds(86_400 * 365)),
        ] as [(String, Duration?)])
    func reading(text: String, expected: Duration?) throws {
        // Sun, 06 Nov 1994 08:49:37 GMT
        let now = Date(timeIntervalSince1970: 784_111_777)
        #expect(RetryAfter.delay(text, now: now) == expected)
    }
}
