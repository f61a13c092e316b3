extension [UInt8] {
    /// Appends a number in decimal, with zeros in front up to `digits`.
    mutating func appendDecimal(_ number: Int, digits: Int = 1) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        let start = count
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0 || count - start < digits
        self[start...].reverse()
    }

    /// Appends a number as 12 hexadecimal digits.
    mutating func appendHexadecimal(_ number: UInt64) {
        for shift in stride(from: UInt64(44), through: 0, by: -4) {
            append(Self.hexadecimal[Int(number >> shift & 15)])
        }
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)
}
