extension Pipeline {
    /// A name that the language takes, made of any text: `Invoice No` gives `invoice_no`.
    ///
    /// - Parameters:
    ///   - fallback: What it is where the text has no letter or digit that could stand in a name.
    ///   - taken: Names that it must not be.
    public static func name(from text: String, or fallback: String, not taken: Set<String> = [])
        -> String
    {
        var name = NameRule.words(in: text)
        if name.isEmpty { name = fallback }
        if name.first?.isLetter != true { name = "c_\(name)" }
        name = String(name.prefix(NameRule.limitBytes))
        var number = 1
        var unique = name
        while taken.contains(unique) || NameRule.isReserved(unique) {
            number += 1
            let end = "_\(number)"
            unique = name.prefix(NameRule.limitBytes - end.count) + end
        }
        return unique
    }
}

extension NameRule {
    /// The words of a text in lower case, with `_` between them: `CustomerID` gives `customer_id`.
    fileprivate static func words(in text: String) -> String {
        var name = ""
        var previous: Unicode.Scalar = " "
        var isAcronym = false
        for scalar in text.unicodeScalars {
            let isUpper = ("A"..."Z").contains(scalar)
            let isWord = isUpper || ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
            if isWord {
                let wasUpper = ("A"..."Z").contains(previous)
                let wasLower = ("a"..."z").contains(previous) || ("0"..."9").contains(previous)
                if isUpper, wasLower { name += "_" }
                // The last letter of an acronym begins the next word: `HTTPCode`.
                if !isUpper, wasUpper, isAcronym, ("a"..."z").contains(scalar),
                    let last = name.popLast()
                {
                    name += "_\(last)"
                }
                isAcronym = isUpper && wasUpper
                name += String(scalar).lowercased()
            } else if !name.isEmpty, !name.hasSuffix("_") {
                name += "_"
            }
            previous = scalar
        }
        while name.hasSuffix("_") { name.removeLast() }
        return name
    }
}
