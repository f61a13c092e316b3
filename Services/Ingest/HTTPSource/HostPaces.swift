import Foundation
import Outbound

/// Lets requests go out to each host one after another, at least so far apart as its rate says,
/// over all datasets; and holds them back when the host asks for it.
actor HostPaces {
    /// The longest pause that a host is given, whatever it asks for.
    static let longestPause = Duration.seconds(3_600)

    private var intervals: [String: Duration] = [:]
    private var next: [String: ContinuousClock.Instant] = [:]
    private var departed: [String: ContinuousClock.Instant] = [:]
    private var closedUntil: [String: ContinuousClock.Instant] = [:]

    /// - Parameter intervals: The time between requests, by origin.
    func follow(_ intervals: [String: Duration]) { self.intervals = intervals }

    /// Waits until it is the caller's turn. After a start, a host first gets a rest: nobody knows
    /// when it was asked last.
    func turn(_ origin: String) async throws {
        let interval = intervals[origin] ?? .milliseconds(100)
        let turn = max(next[origin] ?? .now + interval, .now)
        next[origin] = turn + interval
        try await Task.sleep(until: turn, clock: .continuous)
        // Whoever left late, and the end of a pause, push back those behind.
        while let due = due(origin, interval), due > .now {
            try await Task.sleep(until: due, clock: .continuous)
        }
        departed[origin] = .now
        next[origin] = max(next[origin] ?? .now, .now + interval)
    }

    private func due(_ origin: String, _ interval: Duration) -> ContinuousClock.Instant? {
        [closedUntil[origin], departed[origin].map { $0 + interval }].compactMap(\.self).max()
    }

    /// Holds back requests to a host.
    func close(_ origin: String, for pause: Duration) {
        let end = ContinuousClock.now + min(pause, Self.longestPause)
        closedUntil[origin] = max(closedUntil[origin] ?? end, end)
    }

    /// Does what the headers of an answer ask for.
    func heed(_ response: HTTPResponse, from origin: String) {
        if let pause = Self.pause(response) { close(origin, for: pause) }
    }

    /// The time until requests are allowed again; nil where they are now.
    static func pause(_ response: HTTPResponse) -> Duration? {
        let isBusy = response.status == 429 || response.status == 503
        if isBusy, let pause = response.retryAfter() { return min(pause, longestPause) }
        guard let reset = reset(response), reset.isFinite else { return nil }
        // Some say a time since 1970, others a number of seconds.
        let seconds = reset > 1e9 ? reset - Date().timeIntervalSince1970 : reset
        return .seconds(min(max(0, seconds), longestPause / .seconds(1)))
    }

    /// What stands there for the time, where no request is left.
    private static func reset(_ response: HTTPResponse) -> Double? {
        for prefix in ["ratelimit", "x-ratelimit"] {
            let remaining = response.header("\(prefix)-remaining").flatMap { Double($0) }
            let reset = response.header("\(prefix)-reset").flatMap { Double($0) }
            if remaining == 0, let reset { return reset }
        }
        // The field of later drafts has all in one: `"day";r=0;t=7`, or `remaining=0, reset=7`.
        guard let field = response.header("ratelimit") else { return nil }
        let parts = field.split { $0 == ";" || $0 == "," }.map { part in
            part.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
        }
        func value(_ names: String...) -> Double? {
            parts.first { $0.count == 2 && names.contains($0[0]) }.flatMap { Double($0[1]) }
        }
        return value("r", "remaining") == 0 ? value("t", "reset") : nil
    }
}
