/// A number as filters compare it: from -1,000,000,000 to 1,000,000,000, with five digits behind
/// the point; those behind the fifth do not count.
public struct FilterNumber: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    public let description: String
    /// In units of 0.00001; nil for a number beyond the limits, which equals only its own text.
    let units: Int64?
    /// True when no digit was left out of account.
    let isExact: Bool

    /// - Parameter text: A number as JSON writes it.
    init(_ text: String) {
        description = text
        let parts = text.lowercased().split(separator: "e", maxSplits: 1)
        let exponent = parts.count == 2 ? Self.exponent(parts[1]) : 0
        let mantissa = (parts.first ?? "").drop { $0 == "-" }
        let point = mantissa.firstIndex(of: ".") ?? mantissa.endIndex
        let digits = mantissa.utf8.filter { $0 != UInt8(ascii: ".") }.map { Int64($0) - 48 }
        // The digit of that index is the last one that counts.
        let last = mantissa[..<point].utf8.count + exponent + Self.places - 1
        (units, isExact) = Self.units(digits, through: last, isNegative: text.hasPrefix("-"))
    }

    public init(_ number: Int) { self.init("\(number)") }

    /// Equal numbers, however they are written.
    public static func == (left: FilterNumber, right: FilterNumber) -> Bool {
        left.units == right.units && (left.units != nil || left.description == right.description)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(units)
        if units == nil { hasher.combine(description) }
    }

    private static let places = 5
    private static let limit: Int64 = 1_000_000_000 * 100_000

    /// More digits than fit are as good as many.
    private static func exponent(_ text: Substring) -> Int {
        let isNegative = text.hasPrefix("-")
        let size = min(Int(text.drop { $0 == "-" || $0 == "+" }) ?? 1_000_000, 1_000_000)
        return isNegative ? -size : size
    }

    private static func units(
        _ digits: [Int64], through last: Int, isNegative: Bool
    ) -> (Int64?, Bool) {
        guard let first = digits.firstIndex(where: { $0 != 0 }) else { return (0, true) }
        guard last - first < 15 else { return (nil, true) }
        var units: Int64 = 0
        if last >= first {
            for index in first...last {
                units = units * 10 + (index < digits.count ? digits[index] : 0)
            }
        }
        guard units <= limit else { return (nil, true) }
        let rest = digits.dropFirst(max(0, last + 1))
        return (isNegative ? -units : units, rest.allSatisfy { $0 == 0 })
    }
}
