import Foundation
import Outbound
import Pipelines
import Synchronization

/// Takes one page of an answer, record by record, while it arrives.
final class PageReceiver: HTTPBodySink {
    /// What was in a page.
    struct Page {
        /// Nil where every record is taken.
        var novelty: Novelty?
        /// All records of it.
        var records = 0
        /// Those that were taken.
        var taken = 0
        /// What stands where the next page's name should be.
        var next: String?
    }

    /// Rules look at so much of a body.
    static let startBytes = 4 << 10

    /// Safe to send: the parser that a splitter may hold is used under the lock alone.
    private struct State: @unchecked Sendable {
        var splitter: any RecordSplitter
        var output: NewRecords
        /// What waits until the rules have seen it; nil once they have.
        var start: [UInt8]?
    }

    private let rules: [HTTPResponseRule]
    private let state: Mutex<State>

    /// - Parameter novelty: Nil where every record is taken.
    init(_ source: HTTPSource, _ novelty: Novelty?, into target: any RecordTarget) {
        // Those for other statuses are looked at when the body of such an answer is there.
        rules = source.responses.filter { rule in
            rule.body != nil
                && (rule.statuses.isEmpty || rule.statuses.contains { $0.overlaps(200...299) })
        }
        state = Mutex(
            State(
                splitter: source.splitter(), output: NewRecords(target, novelty),
                start: rules.isEmpty ? nil : []))
    }

    func take(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            guard var start = state.start else {
                return try state.splitter.take(bytes, into: &state.output)
            }
            start += bytes
            state.start = start
            if start.count >= Self.startBytes { try release(&state) }
        }
    }

    /// What was in the page, which is over.
    ///
    /// - Parameter hasBody: False where the status says that there is none.
    /// - Throws: `PollFailure` when it is not whole, or has no records; `RuledAnswer`.
    func finish(hasBody: Bool) throws -> Page {
        try state.withLock { state in
            try release(&state)
            if hasBody { try state.splitter.finish(into: &state.output) }
            try state.output.flush()
            let output = state.output
            return Page(
                novelty: output.novelty, records: output.records, taken: output.taken,
                next: state.splitter.found)
        }
    }

    private func release(_ state: inout State) throws {
        guard let start = state.start else { return }
        state.start = nil
        let text = String(decoding: start.prefix(Self.startBytes), as: UTF8.self)
        if let rule = rules.first(where: { text.contains($0.body ?? "") }) {
            // The same is perhaps asked again.
            state.start = []
            throw RuledAnswer(action: rule.action, start: text)
        }
        try start.withUnsafeBytes { try state.splitter.take($0, into: &state.output) }
    }
}

/// An answer of status 2xx about whose body there is a rule.
struct RuledAnswer: Error {
    let action: HTTPResponseRule.Action
    /// How the body begins.
    let start: String
}
