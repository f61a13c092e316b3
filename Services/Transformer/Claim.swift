import Events
import Foundation

/// What a batch set out to take from the landing zone. It is written before the first move, so that
/// whoever goes on with the batch arrives at the same objects, and is there until the batch is
/// transformed.
struct Claim: Codable, Sendable, Equatable {
    /// One object that the batch would have.
    struct Object: Codable, Sendable, Equatable {
        /// Its key in the landing zone; in a replay, where its raw bytes lie.
        var landing: String
        /// `<ulid>-<name>`
        var name: String
        var bytes: Int
        var sha256: String?
        var times: StepTimes
    }

    /// The revision that treats the batch from end to end, whatever a later event of the same
    /// object says.
    var revision: String
    /// Sorted by name, which is the order in which they landed.
    var objects: [Object]
    var claimedAt: Date
    /// Which of the objects the engine may die of; the only part that changes.
    var suspicion: Suspicion?
    /// Set where the batch is an earlier one, run again: its objects are read where they lie.
    var replay: Replay?
    /// What a person has asked for, where it is a replay.
    var request: ReplayRequested?
    /// Set where the batch is one that was due.
    var due: RunDue?
}
