/// What `doctor` says about one thing.
struct Finding: Sendable, Equatable {
    enum Verdict: String, Sendable { case ok, warn, fail }

    let subject: String
    let verdict: Verdict
    /// What was seen.
    let message: String
    /// What to do about it; nil where all is well.
    let fix: String?

    static func ok(_ subject: String, _ message: String) -> Finding {
        Finding(subject: subject, verdict: .ok, message: message, fix: nil)
    }

    static func warn(_ subject: String, _ message: String, fix: String) -> Finding {
        Finding(subject: subject, verdict: .warn, message: message, fix: fix)
    }

    static func fail(_ subject: String, _ message: String, fix: String) -> Finding {
        Finding(subject: subject, verdict: .fail, message: message, fix: fix)
    }

    /// Judges an amount against two limits: below the second it warns, below the first it fails.
    static func amount(
        _ subject: String, _ value: Int, fails least: Int, warns enough: Int, unit: String,
        fix: String
    ) -> Finding {
        let message = "\(value) \(unit)"
        if value < least { return fail(subject, message, fix: fix) }
        return value < enough ? warn(subject, message, fix: fix) : ok(subject, message)
    }

    /// Finds out whether `body` works; what it gives is the message.
    static func attempt(
        _ subject: String, fix: String, _ body: () async throws -> String
    ) async -> Finding {
        do {
            return ok(subject, try await body())
        } catch {
            return fail(subject, "\(error)", fix: fix)
        }
    }
}
