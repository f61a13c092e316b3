import Foundation
import Outbound

/// Tells how well an endpoint looks at what it is sent.
struct NotifyGrade: Command {
    let name = "notify grade"
    let summary = "send an endpoint good and bad requests; grade it"
    let topic = Topic.people
    let positionals = [Positional("URL")]
    let options: [Option] = [
        .value("secret", "WHSEC", "its secret; MILLRACE_WEBHOOK_SECRET by default"),
        .value(
            "allow-private", "CIDR", "network inside that the URL may lead to", isRepeatable: true),
    ]
    let details = """
        Sends valid, repeated, unsigned, wrongly signed, changed, old and early
        requests by the rules of Standard Webhooks, and tells which the endpoint took.
        Each must be answered within 15 seconds: 2xx for what is ours, 4xx for the rest.
        Exits with 1 when one was answered otherwise.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let url = arguments.positionals[0]
        let given = arguments.value("secret") ?? arguments.environment["MILLRACE_WEBHOOK_SECRET"]
        guard let secret = given.flatMap({ WebhookSecret($0) }) else {
            throw CommandError(
                given == nil
                    ? "the endpoint's secret is missing"
                    : "the secret is none: it is whsec_ and the base64 of 24 to 64 bytes",
                exit: .usage, try: "millrace notify grade --help")
        }
        let allowed = try arguments.values("allow-private").map { text in
            guard let network = Network(text) else {
                throw CommandError(
                    "--allow-private is `\(text)`; write a network such as 127.0.0.0/8",
                    exit: .usage)
            }
            return network
        }
        do {
            _ = try WebAddress(url)
        } catch {
            throw CommandError("`\(url)`: \(error.reason)", exit: .usage)
        }
        let client = HTTPClient(
            "grade", connections: 1, guardedBy: .publicOnly(except: allowed),
            bodyLimitBytes: 20_000, overflow: .isCut)
        let answers = try await EndpointGrade(url: url, client: client)
            .send(EndpointGrade.probes(secret: secret))
        console.records(Self.table(answers))
        let right = answers.count(where: \.isRight)
        console.note("\(right) of \(answers.count) right")
        return right == answers.count ? .done : .failed
    }

    private static func table(_ answers: [EndpointGrade.Answer]) -> Table {
        var table = Table("request", "should be", "answer", "seconds", "grade", "because")
        for answer in answers {
            table.add([
                Cell(answer.probe.name), Cell(answer.probe.isTaken ? "taken" : "refused"),
                Cell(answer.status.map(String.init) ?? answer.error),
                Cell((answer.seconds * 1000).rounded() / 1000),
                answer.isRight ? Cell("right", .good) : Cell("wrong", .bad),
                Cell(answer.probe.why),
            ])
        }
        return table
    }
}
