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

    /// An answer of status 2xx, and where it came from.
    ///
    /// - Throws: `PollFailure` for other statuses; `OutboundError`; what the receiver throws.
    func fetch(
        _ state: PollState, into receiver: PageReceiver
    ) async throws -> (answer: HTTPResponse, url: String) {
        var next = try request.request(state)
        for _ in 0...Self.redirectLimit {
            let origin = try WebAddress(next.url).origin
            try await paces.turn(origin)
            let answer = try await client.send(next, into: receiver)
            await paces.heed(answer, from: origin)
            if answer.isSuccess { return (answer, next.url) }
            guard [301, 302, 303, 307, 308].contains(answer.status),
                let link = answer.header("location")
            else { throw failure(answer) }
            next = try request.request(try request.resolve(link, from: next.url))
        }
        throw PollFailure(
            .permanent, "http.redirects", "it redirects more than \(Self.redirectLimit) times")
    }

    /// The page behind an answer; nil for none.
    func page(
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

    private func failure(_ answer: HTTPResponse) -> PollFailure {
        let text = String(decoding: answer.body.prefix(300), as: UTF8.self)
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let isBusy = [408, 425, 429].contains(answer.status) || answer.status >= 500
        let says = text.isEmpty ? "" : ": \(request.redacted(text))"
        return PollFailure(
            isBusy ? .transient : .permanent, "http.status_\(answer.status)",
            "it answers \(answer.status)\(says)", retryAfter: answer.retryAfter())
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
