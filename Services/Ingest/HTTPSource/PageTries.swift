import Events
import Lanes
import Outbound
import Pipelines
import Spool

/// Asks for a page, several times where that may help.
struct PageTries: Sendable {
    let fetch: PageFetch
    let report: CallReport
    /// Tries before the page is given up until the next time.
    let limit: Int

    /// - Parameters:
    ///   - values: What stands for `call.field` in URL and parameters.
    ///   - target: Makes what takes the records of one try; nothing of an earlier one may stay.
    /// - Returns: What was in the page, and where the next one is.
    func page(
        _ state: PollState, for values: [String: String] = [:],
        judgedBy novelty: Novelty?, into target: () throws -> any RecordTarget
    ) async throws -> (page: PageReceiver.Page, next: PollState.Page?) {
        var backoff = Backoff(from: .seconds(1), upTo: .seconds(30))
        for number in 1... {
            do {
                let receiver = PageReceiver(fetch.request.source, novelty, into: try target())
                return try await fetch.fetch(state, for: values, into: receiver)
                    ?? (PageReceiver.Page(novelty: novelty), nil)
            } catch let error as any ClassifiedError {
                guard error.disposition == .transient, number < limit, !(error is SpoolError)
                else { throw error }
                report.askedAgain(number, after: error)
                let asked = (error as? PollFailure)?.retryAfter ?? .zero
                try await Task.sleep(for: max(min(asked, HostPaces.longestPause), backoff.next()))
            }
        }
        preconditionFailure("the last try returns or throws")
    }
}
