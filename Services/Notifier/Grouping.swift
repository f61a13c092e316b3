import Settings

/// When alerts are told, and which together.
///
/// Alerts of one topic about one dataset are a group for each subscription.
struct Grouping: Sendable, Equatable {
    /// From the first alert of a group to the notice about it: what one batch brings is said within
    /// milliseconds, so a second gathers it, and leaves four of the five within which people are
    /// told.
    var wait = Duration.seconds(1)
    /// Between two notices about a group: below the minute within which people are told.
    var interval = Duration.seconds(50)
    /// What is not over is told again after it.
    var repetition = Duration.seconds(4 * 3_600)
    /// How often it is asked whether what holds an alert back is gone.
    var heldCheck = Duration.seconds(10)
    /// With more groups than that to tell of at once a subscriber gets them as a digest.
    var digestGroups = 20

    /// True when each alert is told by itself, at once.
    var isOff: Bool { wait == .zero && interval == .zero }

    /// Each alert by itself, at once.
    static let off = Grouping(wait: .zero, interval: .zero)
}

extension Grouping {
    init(reading reader: inout SettingsReader) {
        wait = .seconds(
            reader.integer(
                "group-wait", default: 1, in: 0...3_600,
                help: "seconds in which alerts about one thing gather before they are told"))
        interval = .seconds(
            reader.integer(
                "group-interval", default: 50, in: 0...86_400,
                help: "seconds between two notices about one thing"))
        repetition = .seconds(
            reader.integer(
                "repeat-interval", default: 14_400, in: 60...2_592_000,
                help: "seconds after which what is not over is told again"))
    }
}
