import Events
import Foundation

/// The column that a field goes to where nobody has declared one.
public enum ColumnName {
    /// The field's name in snake case: `totalTestResults` is `total_test_results`.
    ///
    /// It follows from the field alone, so that every batch names the same column. Fields that
    /// differ only in case and punctuation have one column; where other letters would be lost, or
    /// the name is too long, a digest of the field keeps it apart.
    public static func of(field: String) -> String {
        let plain = field.decomposedStringWithCanonicalMapping.unicodeScalars
            .filter { $0.properties.generalCategory != .nonspacingMark }
        let isLossy = plain.contains { !$0.isASCII && $0.properties.isAlphabetic }
        var name = snakeCase(plain)
        if name.first?.isLetter != true { name = name.isEmpty ? "field" : "field_\(name)" }
        if NameRule.isReserved(name) { name += "_field" }
        guard isLossy || name.utf8.count > NameRule.limitBytes else { return name }
        let digest = SHA256.hex(of: Data(field.utf8)).prefix(8)
        return "\(name.prefix(NameRule.limitBytes - 9))_\(digest)"
    }

    private static func snakeCase(_ text: String.UnicodeScalarView) -> String {
        let scalars = Array(text)
        var name = ""
        for (index, scalar) in scalars.enumerated() {
            guard scalar.isASCII, scalar.properties.isAlphabetic || isDigit(scalar) else {
                if !name.isEmpty, name.last != "_" { name.append("_") }
                continue
            }
            if isUpper(scalar), index > 0, name.last != "_", !name.isEmpty {
                let isHump = !isUpper(scalars[index - 1])
                let startsWord =
                    index + 1 < scalars.count && isLower(scalars[index + 1])
                if isHump || startsWord { name.append("_") }
            }
            name.append(String(scalar).lowercased())
        }
        while name.last == "_" { name.removeLast() }
        return name
    }

    private static func isUpper(_ scalar: Unicode.Scalar) -> Bool { ("A"..."Z").contains(scalar) }
    private static func isLower(_ scalar: Unicode.Scalar) -> Bool { ("a"..."z").contains(scalar) }
    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}
