import Events
import Foundation
import Pipelines

extension DeliveryPolicy {
    /// Reads a policy as SNS writes it: `{"healthyRetryPolicy": {"numRetries": 5, …},
    /// "throttlePolicy": {"maxReceivesPerSecond": 10}}`. What is left out keeps its default.
    ///
    /// - Throws: A permanent `HandlingError` that names the key, the bound and the fix.
    public init(json text: String) throws {
        let parts: [String: [String: Value]]
        do {
            parts = try JSONDecoder().decode(
                [String: [String: Value]].self, from: Data(text.utf8))
        } catch {
            throw Self.mistake(
                "it is not a JSON object of objects, such as "
                    + #"{"healthyRetryPolicy": {"numRetries": 5}}"#)
        }
        try Self.check(parts.keys, among: ["healthyRetryPolicy", "throttlePolicy"])
        self.init()
        if let keys = parts["healthyRetryPolicy"] { retries = try Retries(keys) }
        if let keys = parts["throttlePolicy"] { throttle = try Throttle(keys) }
    }

    /// As it is stored, and as `init(json:)` reads it; nil where it says nothing.
    public var json: String? {
        var parts: [String] = []
        if let retries { parts.append("\"healthyRetryPolicy\": \(retries.json)") }
        switch throttle {
        case nil: break
        case .perSecond(let count):
            parts.append("\"throttlePolicy\": {\"maxReceivesPerSecond\": \(count)}")
        case .perMinute(let count):
            parts.append("\"throttlePolicy\": {\"maxReceivesPerMinute\": \(count)}")
        }
        return parts.isEmpty ? nil : "{\(parts.joined(separator: ", "))}"
    }

    /// A value of the document, so far as it matters here.
    fileprivate enum Value: Decodable {
        case number(Int)
        case text(String)
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .other
            }
        }
    }

    fileprivate static func check(
        _ keys: some Sequence<String>, among known: [String]
    ) throws(HandlingError) {
        for key in keys.sorted() where !known.contains(key) {
            let hint = Spelling.nearest(to: key, among: known).map { "; did you mean `\($0)`?" }
            throw mistake("unknown key `\(key)`\(hint ?? "")")
        }
    }

    fileprivate static func mistake(_ words: String) -> HandlingError {
        HandlingError(.permanent, "subscription.policy", "delivery policy: \(words)")
    }
}

extension DeliveryPolicy.Retries {
    private static var numbers:
        [(name: String, key: WritableKeyPath<Self, Int>, range: ClosedRange<Int>)]
    {
        [
            ("numRetries", \.count, 0...100), ("numNoDelayRetries", \.immediate, 0...100),
            ("numMinDelayRetries", \.beforeBackoff, 0...100),
            ("numMaxDelayRetries", \.afterBackoff, 0...100),
            ("minDelayTarget", \.leastSeconds, 1...3600),
            ("maxDelayTarget", \.longestSeconds, 1...3600),
        ]
    }

    fileprivate init(_ keys: [String: DeliveryPolicy.Value]) throws(HandlingError) {
        try DeliveryPolicy.check(keys.keys, among: Self.numbers.map(\.name) + ["backoffFunction"])
        self.init()
        for (name, key, range) in Self.numbers {
            guard let value = keys[name] else { continue }
            self[keyPath: key] = try value.number(name, range)
        }
        if let value = keys["backoffFunction"] { backoff = try Self.backoff(value) }
        try check()
    }

    private static func backoff(
        _ value: DeliveryPolicy.Value
    ) throws(HandlingError) -> Backoff {
        let names = Backoff.allCases.map(\.rawValue)
        guard case .text(let word) = value, let backoff = Backoff(rawValue: word) else {
            throw DeliveryPolicy.mistake(
                "`backoffFunction` must be one of \(names.joined(separator: ", "))")
        }
        return backoff
    }

    private func check() throws(HandlingError) {
        guard leastSeconds <= longestSeconds else {
            throw DeliveryPolicy.mistake(
                "`minDelayTarget` (\(leastSeconds)) is more than `maxDelayTarget` "
                    + "(\(longestSeconds))")
        }
        let phases = immediate + beforeBackoff + afterBackoff
        guard phases <= count else {
            throw DeliveryPolicy.mistake(
                "the phases have \(phases) retries, which is more than `numRetries` (\(count))")
        }
        let total = delays.reduce(0, +)
        guard total <= 3600 else {
            throw DeliveryPolicy.mistake(
                "all delays together are \(Int(total.rounded(.up))) seconds; "
                    + "they may be 3600 at most")
        }
    }

    fileprivate var json: String {
        """
        {"numRetries": \(count), "numNoDelayRetries": \(immediate), \
        "numMinDelayRetries": \(beforeBackoff), "numMaxDelayRetries": \(afterBackoff), \
        "minDelayTarget": \(leastSeconds), "maxDelayTarget": \(longestSeconds), \
        "backoffFunction": "\(backoff.rawValue)"}
        """
    }
}

extension DeliveryPolicy.Throttle {
    /// `10/s` or `30/m`; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]), Self.range.contains(count) else {
            return nil
        }
        switch parts[1] {
        case "s": self = .perSecond(count)
        case "m": self = .perMinute(count)
        default: return nil
        }
    }

    fileprivate init(_ keys: [String: DeliveryPolicy.Value]) throws(HandlingError) {
        let names = ["maxReceivesPerSecond", "maxReceivesPerMinute"]
        try DeliveryPolicy.check(keys.keys, among: names)
        guard keys.count == 1, let (name, value) = keys.first else {
            throw DeliveryPolicy.mistake(
                "`throttlePolicy` needs one of \(names.joined(separator: ", "))")
        }
        let count = try value.number(name, Self.range)
        self = name == names[0] ? .perSecond(count) : .perMinute(count)
    }

    private static let range = 1...100_000
}

extension DeliveryPolicy.Value {
    fileprivate func number(
        _ name: String, _ range: ClosedRange<Int>
    ) throws(HandlingError) -> Int {
        guard case .number(let number) = self, range.contains(number) else {
            throw DeliveryPolicy.mistake(
                "`\(name)` must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
