/// When an endpoint has failed for so long that nothing more is sent to it. One success forgives
/// everything before it.
struct DisableRule: Sendable, Equatable {
    /// Every attempt in this time has failed.
    var after: Duration
    /// And at least so many deliveries have run out of tries in it, so that two bad moments a week
    /// apart are not a week of failing.
    var deliveries: Int

    /// As Svix does: five days.
    static let usual = DisableRule(after: .seconds(5 * 86_400), deliveries: 10)

    /// Why the subscription ends, or nil.
    func reason(failingFor time: Duration, deliveries count: Int) -> String? {
        guard time >= after, count >= deliveries else { return nil }
        let hours = Int(time / .seconds(3600))
        let words = hours < 48 ? "\(hours) hours" : "\(hours / 24) days"
        return "every attempt has failed for \(words), and \(count) deliveries were given up"
    }
}
