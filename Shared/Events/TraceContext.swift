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
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "00", parts[1].count == 32, parts[2].count == 16,
            (parts[1] + parts[2]).utf8.allSatisfy(Self.isHex)
        else { return nil }
        traceID = String(parts[1])
        spanID = String(parts[2])
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
