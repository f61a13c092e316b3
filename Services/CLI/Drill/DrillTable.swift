/// The two tables of a drill's pipeline.
enum DrillTable: String, Sendable, CaseIterable {
    /// Merged by key, the newest version wins: what is lost or too old shows.
    case accounts
    /// Appended: what comes twice shows.
    case clicks
}
