public import Events
public import Foundation

/// Alerts that nobody is told of for a time.
public struct Silence: Codable, Sendable, Equatable {
    /// A condition on an alert, as `topic=check_failed` or `pipeline=~shop_.*`.
    public struct Matcher: Codable, Sendable, Equatable {
        /// What is compared.
        public enum Comparison: String, Codable, Sendable, CaseIterable {
            case isMatch = "=~"
            case isNoMatch = "!~"
            case isOther = "!="
            case isEqual = "="
        }

        public var name: String
        public var comparison: Comparison
        public var value: String

        /// What can be compared of an alert.
        public static let names = ["topic", "severity", "pipeline", "dataset", "key", "owner"]

        private enum CodingKeys: String, CodingKey {
            case name, value
            case comparison = "op"
        }

        /// Reads `name=value`, `name!=value`, `name=~pattern` or `name!~pattern`.
        ///
        /// - Throws: A permanent `HandlingError` that says what is wrong with it.
        public init(_ text: String) throws(HandlingError) {
            let name = text.prefix { $0.isLetter || $0 == "_" }
            let rest = text.dropFirst(name.count)
            guard let comparison = Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) })
            else {
                throw Self.mistake(
                    "`\(text)` is no condition: write one such as pipeline=shop or topic=~check_.*")
            }
            guard Self.names.contains(String(name)) else {
                throw Self.mistake(
                    "`\(name)` is nothing that alerts have: "
                        + Self.names.joined(separator: ", "))
            }
            self.name = String(name)
            self.comparison = comparison
            value = String(rest.dropFirst(comparison.rawValue.count))
        }

        /// As it was typed.
        public var text: String { name + comparison.rawValue + value }

        private static func mistake(_ sentence: String) -> HandlingError {
            HandlingError(.permanent, "silence.matcher", sentence)
        }
    }

    public var id: String
    /// An alert that fits all of them is silenced; never empty.
    public var matchers: [Matcher]
    public var startsAt: Date
    public var endsAt: Date
    public var who: String
    public var comment: String

    /// `active`, `pending` or `expired`.
    public func state(at moment: Date = Date()) -> String {
        if endsAt <= moment { return "expired" }
        return startsAt > moment ? "pending" : "active"
    }
}
