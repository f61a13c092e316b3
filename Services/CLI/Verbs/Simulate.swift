import Foundation
import HTTPServer
import Lanes

/// Stands in for a service whose API is closed, or too precious to try things out on.
struct Simulate: Command {
    let name = "simulate"
    let summary = "serve made-up reviews as the GoodReads API did"
    let topic = Topic.data
    let positionals = [Positional("goodreads")]
    let options: [Option] = [
        .value("port", "N", "on 127.0.0.1; 8642 by default, 0 for any free one"),
        .value("reviews", "N", "how many there are in the end; 1000 by default"),
        .value("seed", "N", "the same seed gives the same bytes; 1 by default"),
        .value("growth", "RATE", "new reviews, as 10/s or 60/m; all at once by default"),
        .value("rate", "RATE", "requests that are let through; 1/s by default"),
        .value("burst", "N", "how many of them may come at once; 1 by default"),
        .value("faults", "SHARE", "of requests and items, as 5% or 0.05; none by default"),
        .value("key", "KEY", "that callers must give; `demo` by default"),
        .value("secret", "TEXT", "that signatures are made with; `secret` by default"),
        .value("token", "TEXT", "of the user who signs; none by default"),
        .value("token-secret", "TEXT", "that goes with the token; none by default"),
        .flag("signed", "want every call signed: OAuth 1.0, HMAC-SHA1"),
        .value(
            "log", "FILE", "a JSON line for each request; - for standard output",
            completion: .files),
    ]
    let details = """
        Answers GET /review/recent_reviews.xml (newest first, also with page and
        per_page), /review/show.xml, /book/show.xml, /author/show.xml and
        /user/show.xml (with id; or /book/show/7.xml), and, signed, /api/auth_user.
        Who asks too often gets 429 and Retry-After; a request that is up to 100 ms
        early is taken. Of the share of faults, requests get a 5xx, a body in slow
        pieces, half a body, or a redirect; reviews that are listed are gone (half as
        many), items have the fewer elements of 2011, and from the middle of the feed on
        reviews have a new one. The draws are printed as the seed. /truth/reviews.jsonl,
        books, authors and users hold what a warehouse must have in the end: for them
        there is no key, limit, fault or line in the log.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        guard arguments.positionals[0] == "goodreads" else {
            throw CommandError(
                "`\(arguments.positionals[0])` is not known, only `goodreads`", exit: .usage,
                try: "millrace simulate goodreads")
        }
        let plan = try SimulatePlan(arguments)
        let stops = StopSignal.stream()
        let server = try Self.server(plan)
        let service = SimulatedService(plan, log: try Self.log(plan, console))
        console.note("http://127.0.0.1:\(server.port) answers; seed \(plan.seed)")
        let code = await serve(server, service, console, until: stops)
        let tally = await service.tally
        console.note(
            "\(tally.requests) requests: \(tally.tooMany) too many, \(tally.faults) spoiled")
        return code
    }

    /// Answers until a stop signal, or until the log cannot be written.
    private func serve(
        _ server: HTTPServer, _ service: SimulatedService, _ console: Console,
        until stops: AsyncStream<Int32>
    ) async -> ExitCode {
        let (failures, failed) = AsyncStream.makeStream(of: String.self)
        return await withTaskGroup(of: ExitCode.self) { group in
            group.addTask {
                await server.run { request in
                    do {
                        return try await service.answer(request)
                    } catch {
                        failed.yield("\(error)")
                        return HTTPServerResponse("the log cannot be written\n", status: 500)
                    }
                }
                return .done
            }
            group.addTask {
                for await _ in stops { break }
                return .done
            }
            group.addTask {
                for await reason in failures {
                    console.error("a request is not in the log: \(reason)", try: nil)
                    return .failed
                }
                return .done
            }
            let first = await group.next() ?? .done
            group.cancelAll()
            return first
        }
    }

    private static func server(_ plan: SimulatePlan) throws(CommandError) -> HTTPServer {
        do {
            return try HTTPServer(port: plan.port)
        } catch {
            throw CommandError("\(error)", try: "millrace simulate goodreads --port 0")
        }
    }

    private static func log(_ plan: SimulatePlan, _ console: Console) throws -> RequestLog? {
        switch plan.log {
        case nil: nil
        case "-": RequestLog { console.text(String(decoding: $0, as: UTF8.self)) }
        case .some(let file): try RequestLog(file: file)
        }
    }
}
