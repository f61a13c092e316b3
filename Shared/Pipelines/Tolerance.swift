/// How much of something is borne: an amount of it, or a share.
public enum Tolerance: Codable, Sendable, Equatable {
    case amount(Double)
    case percent(Double)

    /// Reads `100`, `2.5` or `0.5%`; nil when it is neither.
    public init?(_ text: String) {
        if let match = text.wholeMatch(of: /([0-9]{1,6}(\.[0-9]{1,6})?) ?%/) {
            guard let percent = Double(match.output.1) else { return nil }
            self = .percent(percent)
        } else if text.wholeMatch(of: /[0-9]{1,15}(\.[0-9]{1,9})?/) != nil,
            let amount = Double(text)
        {
            self = .amount(amount)
        } else {
            return nil
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let tolerance = Tolerance(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a tolerance is `100` or `1%`")
        }
        self = tolerance
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// As the pipeline says it.
    public var text: String {
        switch self {
        case .amount(let number): Self.text(number)
        case .percent(let number): "\(Self.text(number))%"
        }
    }

    /// True when so much is not too much.
    public func allows(_ value: Double, of whole: Double) -> Bool {
        switch self {
        case .amount(let most): value <= most
        case .percent(let percent): value * 100 <= percent * whole.magnitude
        }
    }

    /// Whether it bears all that the other bears.
    func isAtLeast(_ other: Tolerance) -> Bool {
        switch (self, other) {
        case (.amount(let own), .amount(let other)), (.percent(let own), .percent(let other)):
            own >= other
        default: true
        }
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() && number < 1e15 ? "\(Int(number))" : "\(number)"
    }
}
