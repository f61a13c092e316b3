import CRabbitMQ
import Glibc

/// The headers that nearly every message has: their names are not made anew for each.
enum HeaderName {
    private static let known: [StaticString] = [
        "cloudEvents:specversion", "cloudEvents:id", "cloudEvents:type", "cloudEvents:source",
        "cloudEvents:time", "cloudEvents:subject", "cloudEvents:pipeline", "cloudEvents:dataset",
        "traceparent", "millrace-causation-id", "millrace-attempt",
    ]

    /// By length, which tells nearly all of them apart.
    private static let byLength: [[(bytes: StaticString, text: String)]] = (0..<32).map { length in
        known.filter { $0.utf8CodeUnitCount == length }.map { ($0, $0.description) }
    }

    static func text(_ name: amqp_bytes_t) -> String {
        guard name.len < byLength.count else { return String(copying: name) }
        for known in byLength[name.len]
        where memcmp(known.bytes.utf8Start, name.bytes, name.len) == 0 {
            return known.text
        }
        return String(copying: name)
    }
}
