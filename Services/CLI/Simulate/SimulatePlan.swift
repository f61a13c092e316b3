/// What `simulate` was asked for.
struct SimulatePlan: Sendable {
    var port: UInt16 = 0
    var reviews = 1000
    var seed: UInt64 = 1
    /// The share of the requests that go wrong, and of the items that are odd.
    var faults = 0.0
    /// How many reviews come in a second; nil when all are there from the start.
    var growth: Double?
    /// How many requests are allowed in a second.
    var rate = 1.0
    var burst = 1
    var credentials = RequestSignature.Credentials(key: "demo", secret: "secret")
    /// Whether every call must be signed, not only those that the service wants signed.
    var signsAll = false
    /// Where the log goes; nil for nowhere, `-` for standard output.
    var log: String?

    init() {}

    init(_ arguments: Arguments) throws(CommandError) {
        port = UInt16(try arguments.integer("port", default: 8642, in: 0...65_535))
        reviews = try arguments.integer("reviews", default: 1000, in: 1...100_000)
        seed = UInt64(try arguments.integer("seed", default: 1, in: 0...Int.max))
        faults = try Faker.share(arguments.value("faults") ?? "0", of: "faults")
        growth = try arguments.value("growth").map { text throws(CommandError) in
            try Self.rate(text, "growth")
        }
        rate = try Self.rate(arguments.value("rate") ?? "1/s", "rate")
        burst = try arguments.integer("burst", default: 1, in: 1...100_000)
        credentials.key = arguments.value("key") ?? credentials.key
        credentials.secret = arguments.value("secret") ?? credentials.secret
        credentials.token = arguments.value("token") ?? ""
        credentials.tokenSecret = arguments.value("token-secret") ?? ""
        signsAll = arguments.flag("signed")
        log = arguments.value("log")
    }

    /// Reads `10/s`, `60/m`, `3600/h` as a number for each second.
    static func rate(_ text: String, _ option: String) throws(CommandError) -> Double {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let seconds = ["s": 1.0, "m": 60, "h": 3600]
        guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000).contains(count),
            let unit = seconds[String(parts[1])]
        else {
            throw CommandError(
                "--\(option) is `\(text)`; it must be a rate such as 1/s, 60/m or 3600/h",
                exit: .usage)
        }
        return Double(count) / unit
    }
}
