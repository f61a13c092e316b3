extension FilterOperator {
    /// `["=", 5]`, `["<", 5]`, or a range such as `[">", 0, "<=", 5]`.
    static func comparisons(
        _ node: JSONNode, at place: String
    ) throws(FilterMistake) -> [Comparison] {
        guard case .array(let elements) = node.value, [2, 4].contains(elements.count) else {
            throw FilterMistake(
                "`numeric` takes a list such as [\"=\", 5] or [\">\", 0, \"<=\", 5]", at: place,
                node.offset)
        }
        var comparisons: [Comparison] = []
        for index in stride(from: 0, to: elements.count, by: 2) {
            comparisons.append(
                Comparison(
                    sign: try sign(elements[index], at: "\(place)[\(index)]"),
                    number: try number(elements[index + 1], at: "\(place)[\(index + 1)]")))
        }
        if comparisons.count == 2 { try checkRange(comparisons, at: place, node.offset) }
        return comparisons
    }

    private static func checkRange(
        _ comparisons: [Comparison], at place: String, _ offset: Int
    ) throws(FilterMistake) {
        let (low, high) = (comparisons[0], comparisons[1])
        guard [.greater, .greaterOrEqual].contains(low.sign),
            [.less, .lessOrEqual].contains(high.sign)
        else {
            throw FilterMistake(
                "a range is written from below: [\">\", 0, \"<=\", 5]", at: place, offset)
        }
        guard let from = low.number.units, let to = high.number.units, from < to else {
            throw FilterMistake(
                "the range ends at \(high.number), which is not above \(low.number)", at: place,
                offset)
        }
    }

    private static func sign(
        _ node: JSONNode, at place: String
    ) throws(FilterMistake) -> Comparison.Sign {
        guard case .scalar(.text(let text)) = node.value, let sign = Comparison.Sign(rawValue: text)
        else {
            let signs = Comparison.Sign.allCases.map { "\"\($0.rawValue)\"" }
            throw FilterMistake(
                "one of \(signs.joined(separator: ", ")) is expected here", at: place,
                node.offset)
        }
        return sign
    }

    private static func number(
        _ node: JSONNode, at place: String
    ) throws(FilterMistake) -> FilterNumber {
        guard case .scalar(.number(let number)) = node.value else {
            throw FilterMistake("a number without quotes is expected here", at: place, node.offset)
        }
        return try number.checked(at: place, node.offset)
    }
}

extension FilterNumber {
    /// Itself, when it can be compared as it is written.
    func checked(
        at place: String, _ offset: Int
    ) throws(FilterMistake) -> FilterNumber {
        guard units != nil else {
            throw FilterMistake(
                "\(self) is beyond the numbers that are compared, -1000000000 to 1000000000",
                at: place, offset)
        }
        guard isExact else {
            throw FilterMistake(
                "\(self) has more than the five digits behind the point that are compared",
                at: place, offset)
        }
        return self
    }
}
