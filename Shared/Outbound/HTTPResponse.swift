public import Foundation

/// What an HTTP server answered.
public struct HTTPResponse: Sendable {
    /// The status code, e.g. 200.
    public let status: Int
    /// In the order of the answer; names in lower case.
    public let headers: [(name: String, value: String)]
    /// As it was sent: compressed bytes stay compressed.
    public let body: Data
    /// True when there was more of the body than the client keeps.
    public let isTruncated: Bool

    /// True for 2xx.
    public var isSuccess: Bool { (200..<300).contains(status) }

    /// The first value of the header of that name, in any case.
    public func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name == name }?.value
    }

    /// The pause that the server asks for in `Retry-After`, seconds or a date; never negative.
    /// Nil when it asks for none, or for something that cannot be read.
    public func retryAfter(now: Date = Date()) -> Duration? {
        header("retry-after").flatMap { RetryAfter.delay($0, now: now) }
    }
}

/// The header `Retry-After` (RFC 9110, 10.2.3).
enum RetryAfter {
    static func delay(_ text: String, now: Date) -> Duration? {
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // More digits than fit mean a day or more, which the caller limits anyway.
            return .seconds(min(Int(text) ?? .max, 86_400 * 365))
        }
        let zone = " GMT"
        guard text.hasSuffix(zone),
            let date = try? Date(
                String(text.dropLast(zone.count)), strategy: Date.internetStyle.parseStrategy)
        else { return nil }
        return .seconds(max(0, date.timeIntervalSince(now)))
    }
}
