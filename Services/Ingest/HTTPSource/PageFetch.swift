import Events
import Foundation
import Outbound
import Pipelines
import Telemetry

/// Asks for one page, in turn with all who ask the same host.
struct PageFetch {
    private static let redirectLimit = 5

    let request: PageRequest
    let client: HTTPClient
    let paces: HostPaces

    /// What came of a page.
    ///
    /// - Returns: Nil where a rule says that there is nothing.
    /// - Throws: `PollFailure`; `OutboundError`; what the receiver throws.
    func fetch(
        _ state: PollState, for values: [String: String] = [:], into receiver: PageReceiver
    ) async throws -> (page: PageReceiver.Page, next: PollState.Page?)? {
        var next = try await request.request(state, for: values)
        var redirects = 0
        var isRefreshed = false
        while true {
            let origin = try WebAddress(next.url).origin
            try await paces.turn(origin)
            let (answer, verdict) = try await send(next, into: receiver)
            if let answer { await paces.heed(answer, from: origin) }
            switch verdict {
            case .page(let page):
                guard let answer else { return nil }
                return (page, try self.page(after: state, page, answer, next.url))
            case .redirect(let link):
                redirects += 1
                guard redirects <= Self.redirectLimit else { throw tooManyRedirects }
                next = try await request.request(try request.resolve(link, from: next.url))
            case .ruled(.skip, _):
                return nil
            case .ruled(.refresh, let failure):
                // Once: a new token that is refused as well is no question of time.
                guard !isRefreshed, await request.credentials.renew(request.source.auth) else {
                    throw failure
                }
                isRefreshed = true
                next = try await request.request(state, for: values)
            case .ruled(_, let failure):
                throw failure
            }
        }
    }

    /// What is to be done about an answer.
    private enum Verdict {
        case page(PageReceiver.Page)
        case redirect(String)
        /// With what to throw, where nothing helps.
        case ruled(HTTPResponseRule.Action, PollFailure)
    }

    private func send(
        _ next: HTTPRequest, into receiver: PageReceiver
    ) async throws -> (HTTPResponse?, Verdict) {
        do {
            let answer = try await client.send(next, into: receiver)
            if answer.isSuccess {
                return (answer, .page(try receiver.finish(hasBody: answer.status != 204)))
            }
            if [301, 302, 303, 307, 308].contains(answer.status),
                let link = answer.header("location")
            {
                return (answer, .redirect(link))
            }
            return (answer, verdict(answer))
        } catch let ruled as RuledAnswer {
            return (nil, .ruled(ruled.action, failure(200, ruled.start, ruled.action)))
        }
    }

    private var tooManyRedirects: PollFailure {
        PollFailure(
            .permanent, "http.redirects", "it redirects more than \(Self.redirectLimit) times")
    }

    /// The page behind an answer; nil for none.
    private func page(
        after state: PollState, _ page: PageReceiver.Page, _ answer: HTTPResponse, _ url: String
    ) throws -> PollState.Page? {
        let next: PollState.Page?
        switch source.pages {
        case nil: next = nil
        case .next:
            next = try page.next.flatMap { $0.isEmpty ? nil : $0 }
                .map { .url(try request.resolve($0, from: url)) }
        case .linkHeader:
            next = try LinkHeader.next(answer.headers)
                .map { .url(try request.resolve($0, from: url)) }
        case .bookmark: next = page.next.flatMap { $0.isEmpty ? nil : .bookmark($0) }
        case .number(_, let first):
            var number = first
            if case .number(let current)? = state.page { number = current }
            next = page.records == 0 ? nil : .number(number + 1)
        case .offset:
            var offset = 0
            if case .offset(let current)? = state.page { offset = current }
            next = page.records == 0 ? nil : .offset(offset + page.records)
        }
        guard next == nil || next != state.page else {
            throw PollFailure(
                .transient, "http.bad_link", "the answer names itself as the next page")
        }
        return next
    }

    private var source: HTTPSource { request.source }

    private func verdict(_ answer: HTTPResponse) -> Verdict {
        let start = String(
            decoding: answer.body.prefix(PageReceiver.startBytes), as: UTF8.self)
        let rule = source.responses.first { $0.fits(status: answer.status, start: start) }
        let action = rule?.action ?? Self.usual(answer.status)
        return .ruled(action, failure(answer.status, start, action, answer.retryAfter()))
    }

    /// Where no rule says what an answer means.
    private static func usual(_ status: Int) -> HTTPResponseRule.Action {
        switch status {
        case 401: .refresh
        case 408, 425, 429, 500...: .retry
        default: .fail
        }
    }

    private func failure(
        _ status: Int, _ start: String, _ action: HTTPResponseRule.Action,
        _ retryAfter: Duration? = nil
    ) -> PollFailure {
        let text = start.prefix(300).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let says = text.isEmpty ? "" : ": \(request.credentials.redacted(text, source.auth))"
        return PollFailure(
            action == .retry ? .transient : .permanent, "http.status_\(status)",
            "it answers \(status)\(says)", retryAfter: retryAfter)
    }
}

/// The header `Link` (RFC 8288).
enum LinkHeader {
    /// The target of the first link with the relation `next`.
    static func next(_ headers: [(name: String, value: String)]) -> String? {
        for header in headers where header.name == "link" {
            var rest = header.value[...]
            while let open = rest.firstIndex(of: "<"),
                let close = rest[open...].firstIndex(of: ">")
            {
                let target = rest[rest.index(after: open)..<close]
                rest = rest[rest.index(after: close)...]
                let parameters = rest.prefix { $0 != "<" }.lowercased()
                    .split { $0 == ";" || $0 == "," }
                    .map { $0.filter { !$0.isWhitespace && $0 != "\"" } }
                if parameters.contains("rel=next") { return String(target) }
            }
        }
        return nil
    }
}
