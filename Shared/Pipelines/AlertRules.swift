public import Events

/// What a pipeline, or one of its datasets, says about its alerts.
public struct AlertRules: Codable, Sendable, Equatable {
    /// Who looks after it: a text that alerts show.
    public var owner: String?
    /// Other severities than the usual ones, by topic.
    public var severities: [String: AlertSeverity]?
    /// More rejects in a batch are an alert; nil for any.
    public var rejectsOver: RejectLimit?
    /// More rejects in the last 24 hours are an alert; nil for no such bound.
    public var rejectsOverDay: Int?
    /// Seconds from arrival to queryable past which a batch is an alert; nil for no bound.
    public var latencySLO: Int?
    /// Seconds after which a run that is neither published nor refused is an alert; nil is
    /// `usualBacklog`.
    public var backlog: Int?
    /// Whether `run_succeeded` also goes to who subscribed to it among others, as by `*`.
    public var runSucceeded: Bool?
    /// When nobody is told.
    public var mutes: [MuteTime]?

    public init(
        owner: String? = nil, severities: [String: AlertSeverity]? = nil,
        rejectsOver: RejectLimit? = nil, rejectsOverDay: Int? = nil, latencySLO: Int? = nil,
        backlog: Int? = nil, runSucceeded: Bool? = nil, mutes: [MuteTime]? = nil
    ) {
        self.owner = owner
        self.severities = severities
        self.rejectsOver = rejectsOver
        self.rejectsOverDay = rejectsOverDay
        self.latencySLO = latencySLO
        self.backlog = backlog
        self.runSucceeded = runSucceeded
        self.mutes = mutes
    }

    /// How long a run may be under way where nothing is said, in seconds.
    public static let usualBacklog = 900

    /// These rules, and `others` where they say nothing.
    func over(_ others: AlertRules) -> AlertRules {
        AlertRules(
            owner: owner ?? others.owner,
            severities: (others.severities ?? [:]).merging(severities ?? [:]) { $1 },
            rejectsOver: rejectsOver ?? others.rejectsOver,
            rejectsOverDay: rejectsOverDay ?? others.rejectsOverDay,
            latencySLO: latencySLO ?? others.latencySLO, backlog: backlog ?? others.backlog,
            runSucceeded: runSucceeded ?? others.runSucceeded, mutes: mutes ?? others.mutes)
    }
}

/// A time of the week in which nobody is told.
public struct MuteTime: Codable, Sendable, Equatable {
    /// The days on which it begins: 1 is Monday, 7 is Sunday.
    public var days: [Int]
    /// `HH:MM` on the wall.
    public var from: String
    /// `HH:MM`, at most `24:00`; of the next day where it is not after `from`.
    public var to: String
    /// An IANA name.
    public var zone: String
    /// Only alerts of these topics; nil for all.
    public var topics: [String]?

    public init(days: [Int], from: String, to: String, zone: String, topics: [String]? = nil) {
        self.days = days
        self.from = from
        self.to = to
        self.zone = zone
        self.topics = topics
    }
}

extension Pipeline {
    /// What holds for alerts about one of its datasets or models, or about it as a whole (`_`).
    public func alertRules(of subject: String) -> AlertRules {
        let own = alerts ?? AlertRules()
        return dataset(subject)?.alerts?.over(own) ?? own
    }
}
