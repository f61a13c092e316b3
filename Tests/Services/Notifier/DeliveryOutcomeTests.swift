import Foundation
import Testing

@testable import Outbound
@testable import notifier

@Suite("The answer of a webhook's endpoint")
struct DeliveryOutcomeTests {
    private func outcome(_ status: Int, retryAfter: String? = nil) -> DeliveryOutcome {
        WebhookSender.outcome(
            of: HTTPResponse(
                status: status, headers: retryAfter.map { [("retry-after", $0)] } ?? [],
                body: Data(), isTruncated: false))
    }

    @Test("counts as received only when it is 2xx", arguments: [200, 201, 202, 204, 299])
    func received(status: Int) {
        #expect(outcome(status) == .sent(code: status))
    }

    @Test("may be a reason to try again", arguments: [408, 425, 429, 500, 502, 503, 504, 599])
    func later(status: Int) {
        let reason = "the endpoint answered \(status)"
        #expect(outcome(status) == .postponed(reason: reason, code: status, pause: nil))
    }

    @Test(
        "may be a reason to give up",
        arguments: [100, 301, 302, 307, 400, 401, 403, 404, 405, 413, 422])
    func never(status: Int) {
        let reason = "the endpoint answered \(status)"
        #expect(outcome(status) == .refused(reason: reason, code: status))
    }

    @Test("may be a good-bye")
    func gone() {
        #expect(outcome(410) == .gone(reason: "the endpoint answered 410", code: 410))
    }

    @Test("may ask for a pause")
    func pause() {
        let asked = outcome(503, retryAfter: "7")
        #expect(
            asked
                == .postponed(
                    reason: "the endpoint answered 503", code: 503, pause: .seconds(7)))
    }
}
