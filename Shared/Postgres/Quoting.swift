/// A name as it stands in SQL, whatever it holds: `a"b` becomes `"a""b"`.
public func quotedIdentifier(_ name: String) -> String {
    "\"" + name.doubling("\"") + "\""
}

/// A text as it stands in SQL, for the places that take no parameter.
///
/// It is right under `standard_conforming_strings = on` (the default) and off.
public func quotedLiteral(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "\\")) else { return "'" + text.doubling("'") + "'" }
    return " E'" + text.doubling("\\").doubling("'") + "'"
}

extension String {
    fileprivate func doubling(_ character: Unicode.Scalar) -> String {
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar == character { result.append(scalar) }
            result.append(scalar)
        }
        return String(result)
    }
}
