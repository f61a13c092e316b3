import Events
import Foundation
import Testing
import Warehouse

@Suite("A delivery policy")
struct DeliveryPolicyTests {
    private func delays(_ keys: String) throws -> [Double] {
        let policy = try DeliveryPolicy(json: #"{"healthyRetryPolicy": {\#(keys)}}"#)
        return try #require(policy.retries).delays.map { ($0 * 100).rounded() / 100 }
    }

    @Test("has four phases: at once, at the least delay, growing, at the longest")
    func phases() throws {
        let found = try delays(
            """
            "numRetries": 9, "numNoDelayRetries": 2, "numMinDelayRetries": 1,
            "numMaxDelayRetries": 2, "minDelayTarget": 10, "maxDelayTarget": 40
            """)
        #expect(found == [0, 0, 10, 10, 20, 30, 40, 40, 40])
    }

    @Test(
        "grows from the least delay to the longest by its function",
        arguments: [
            ("linear", [1, 6, 11, 16, 21]), ("arithmetic", [1, 3, 7, 13, 21]),
            ("geometric", [1, 2.14, 4.58, 9.81, 21]), ("exponential", [1, 2.33, 5, 10.33, 21]),
        ])
    func functions(name: String, expected: [Double]) throws {
        let found = try delays(
            """
            "numRetries": 5, "minDelayTarget": 1, "maxDelayTarget": 21, "backoffFunction": "\(name)"
            """)
        #expect(found == expected)
    }

    @Test("is the usual one where nothing is said")
    func usual() throws {
        #expect(try delays("") == [15, 60])
        #expect(try delays(#""numRetries": 0"#) == [])
        #expect(try DeliveryPolicy(json: "{}") == DeliveryPolicy())
        #expect(DeliveryPolicy().json == nil)
    }

    @Test("is stored as it is read")
    func stored() throws {
        let policy = try DeliveryPolicy(
            json: """
                {"healthyRetryPolicy": {"numRetries": 7, "backoffFunction": "exponential"},
                "throttlePolicy": {"maxReceivesPerMinute": 30}}
                """)
        #expect(policy.throttle == .perMinute(30))
        #expect(try DeliveryPolicy(json: try #require(policy.json)) == policy)
    }

    @Test(
        "outside SNS's bounds is refused, with the key and the bound",
        arguments: [
            (
                #"{"healthyRetryPolicy": {"numRetries": 101}}"#,
                "`numRetries` must be a whole number from 0 to 100"
            ),
            (#"{"healthyRetryPolicy": {"numRetries": -1}}"#, "from 0 to 100"),
            (#"{"healthyRetryPolicy": {"numRetries": "3"}}"#, "whole number"),
            (#"{"healthyRetryPolicy": {"numRetries": 2.5}}"#, "whole number"),
            (#"{"healthyRetryPolicy": {"numRetries": true}}"#, "whole number"),
            (#"{"healthyRetryPolicy": {"minDelayTarget": 0}}"#, "from 1 to 3600"),
            (#"{"healthyRetryPolicy": {"maxDelayTarget": 3601}}"#, "from 1 to 3600"),
            (#"{"healthyRetryPolicy": {"minDelayTarget": 61}}"#, "more than `maxDelayTarget` (60)"),
            (
                #"{"healthyRetryPolicy": {"numRetries": 1, "numNoDelayRetries": 2}}"#,
                "more than `numRetries` (1)"
            ),
            (#"{"healthyRetryPolicy": {"numRetries": 100}}"#, "3600 at most"),
            (
                #"{"healthyRetryPolicy": {"backoffFunction": "cubic"}}"#,
                "linear, arithmetic, geometric, exponential"
            ),
            (#"{"healthyRetryPolicy": {"numRetry": 3}}"#, "did you mean `numRetries`?"),
            (#"{"healthyRetry": {}}"#, "did you mean `healthyRetryPolicy`?"),
            (#"{"throttlePolicy": {"maxReceivesPerSecond": 0}}"#, "from 1 to"),
            (#"{"throttlePolicy": {}}"#, "needs one of"),
            (
                #"{"throttlePolicy": {"maxReceivesPerSecond": 1, "maxReceivesPerMinute": 1}}"#,
                "needs one of"
            ),
            ("[]", "not a JSON object"), ("{", "not a JSON object"),
            (#"{"a": 1}"#, "not a JSON object"),
        ])
    func refused(json: String, words: String) {
        let error = #expect(throws: HandlingError.self) { try DeliveryPolicy(json: json) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test(
        "reads a throttle as people write it",
        arguments: [
            ("10/s", DeliveryPolicy.Throttle.perSecond(10)), ("30/m", .perMinute(30)), ("0/s", nil),
            ("5", nil),
            ("5/h", nil), ("-1/s", nil), ("5/s/s", nil), ("", nil),
        ])
    func throttles(text: String, throttle: DeliveryPolicy.Throttle?) {
        #expect(DeliveryPolicy.Throttle(text) == throttle)
    }
}
