public import Broker
import Events
public import Foundation
import Postgres

/// A dead letter as it is kept, without what it carries.
public struct KeptLetter: Sendable, Equatable {
    /// What a person does about it next.
    public enum State: String, Sendable, CaseIterable {
        /// Nobody has done anything about it yet.
        case waiting
        /// It was sent through again; how that ends is not known yet.
        case replaying
        /// It was sent through again, and handled.
        case resolved
        /// Somebody decided that it is not needed.
        case dropped
    }

    /// The event's, or one made for a message that has none.
    public let id: String
    /// Which service gave up.
    public let service: String
    /// The work queue that it goes to again.
    public let queue: String
    public let kind: String
    public let pipeline: String
    public let dataset: String
    public let host: String
    public let reason: String
    public let errorClass: String
    public let errorMessage: String
    /// The same for what fails in the same way.
    public let fingerprint: String
    public let attempts: Int
    public let replays: Int
    public let firstFailedAt: Date
    public let lastFailedAt: Date
    public let trace: String?
    public let state: State
    /// Which of its failures the above tells of.
    public let failure: String

    static let columns = """
        service, letter_id, queue, kind, pipeline, dataset, host, reason, error_class,
        error_message, fingerprint, attempts, replays, trace, state, failure,
        extract(epoch from first_failed_at) as first_failed_at,
        extract(epoch from last_failed_at) as last_failed_at
        """

    init(row: PostgresRow) throws {
        guard let state = State(rawValue: try row.text("state")) else {
            throw PostgresError(.shape, "millrace.dead_letters holds a state that nobody knows")
        }
        id = try row.text("letter_id")
        service = try row.text("service")
        queue = try row.text("queue")
        kind = try row.text("kind")
        pipeline = try row.text("pipeline")
        dataset = try row.text("dataset")
        host = try row.text("host")
        reason = try row.text("reason")
        errorClass = try row.text("error_class")
        errorMessage = try row.text("error_message")
        fingerprint = try row.text("fingerprint")
        attempts = try row.integer("attempts")
        replays = try row.integer("replays")
        firstFailedAt = try row.date("first_failed_at")
        lastFailedAt = try row.date("last_failed_at")
        trace = row["trace"]
        self.state = state
        failure = try row.text("failure")
    }
}

/// What a dead letter carries, and what has happened to it.
public struct LetterContent: Sendable {
    public let message: Message
    public let history: [LetterEvent]

    init(row: PostgresRow) throws {
        let body = Data(
            base64Encoded: try row.text("body"), options: .ignoreUnknownCharacters)
        message = Message(
            id: try row.text("letter_id"), contentType: try row.text("content_type"),
            headers: try decoded([String: FieldValue].self, row.text("headers")),
            body: body ?? Data())
        history = try decoded([LetterEvent].self, row.text("history"))
    }
}

/// Something that happened to a dead letter.
public struct LetterEvent: Codable, Sendable, Equatable {
    /// `failed`, `sent`, `resolved`, `dropped`.
    public let what: String
    public let at: String
    public let who: String?
    public let reason: String?
    public let error: String?
    public let attempts: Int?
    public let replays: Int?
    public let host: String?

    enum CodingKeys: String, CodingKey {
        case what, at, who, reason, error, attempts, replays, host
    }
}

/// Letters that failed in the same way.
public struct LetterGroup: Sendable, Equatable {
    public let service: String
    public let errorClass: String
    public let pipeline: String
    public let count: Int
    public let oldest: Date
    public let newest: Date
    /// One of them, the newest.
    public let sample: String
    public let sampleError: String

    init(row: PostgresRow) throws {
        service = try row.text("service")
        errorClass = try row.text("error_class")
        pipeline = try row.text("pipeline")
        count = try row.integer("count")
        oldest = try row.date("oldest")
        newest = try row.date("newest")
        sample = try row.text("sample")
        sampleError = try row.text("sample_error")
    }
}
