/// W3C trace context: which trace an event belongs to and which span caused it.
public struct TraceContext: Sendable, Equatable {
    /// 32 lower-case hexadecimal digits.
    public let traceID: String
    /// 16 lower-case hexadecimal digits.
    public let spanID: String

    /// Starts a trace.
    public init() {
        traceID = Self.hex(digits: 32)
        spanID = Self.hex(digits: 16)
    }

    /// Reads a `traceparent` header; nil when it is malformed.
    public init?(traceparent: String) {
        var text = traceparent
        let ids = text.withUTF8 { bytes -> (String, String)? in
            // 00-<32 digits>-<16 digits>-<flags>
            guard bytes.count > 53, bytes[0] == UInt8(ascii: "0"), bytes[1] == UInt8(ascii: "0"),
                [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }),
                !bytes[53...].contains(UInt8(ascii: "-")),
                bytes[3..<35].allSatisfy(Self.isHex), bytes[36..<52].allSatisfy(Self.isHex)
            else { return nil }
            return (
                String(decoding: bytes[3..<35], as: UTF8.self),
                String(decoding: bytes[36..<52], as: UTF8.self)
            )
        }
        guard let ids else { return nil }
        (traceID, spanID) = ids
    }

    private init(traceID: String, spanID: String) {
        self.traceID = traceID
        self.spanID = spanID
    }

    /// The `traceparent` header's value.
    public var traceparent: String { "00-\(traceID)-\(spanID)-01" }

    /// The context of the next step in the same trace.
    public func child() -> TraceContext {
        TraceContext(traceID: traceID, spanID: Self.hex(digits: 16))
    }

    private static func hex(digits: Int) -> String {
        let alphabet = Array("0123456789abcdef".utf8)
        let letters = (0..<digits).map { _ in alphabet[Int.random(in: 0..<16)] }
        return String(decoding: letters, as: UTF8.self)
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
