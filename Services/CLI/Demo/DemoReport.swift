import Events
import Foundation
import Postgres
import Stack
import Warehouse

/// What a demo prints when the traffic is through.
struct DemoReport: Sendable {
    private let console: Console
    private let warehouse: PostgresPool
    private let dataFlag: String

    init(_ console: Console, _ warehouse: PostgresPool, dataFlag: String) {
        self.console = console
        self.warehouse = warehouse
        self.dataFlag = dataFlag
    }

    func tell(_ runs: [Run], answers: FakeAnswers) async throws {
        headline("The balance", "read = published + superseded + filtered + rejected")
        for run in runs { balance(run, answers) }
        try await books()
        try await rejects(runs)
        if let pipeline = runs.first?.pipeline { try await checks(of: pipeline) }
        latency(runs)
    }

    func nothingNew(_ runs: [Run]) async throws {
        console.line("  nothing is new: each of the four files is in the ledger already")
        for run in runs {
            console.line(
                "  \(pad(run.dataset, 9)) published \(TimeText.stamp(run.updatedAt)) UTC by run "
                    + RunTable.shortID(run))
        }
        try await books()
    }

    func alerts(_ receivers: DemoReceivers) {
        let (mails, hooks) = (receivers.mails, receivers.hooks)
        headline(
            "The alerts",
            "\(TimeText.count(mails.count, "mail")), \(TimeText.count(hooks.count, "webhook"))")
        if let mail = receivers.bestMail(rejected: true) ?? mails.first {
            console.line("  mail to \(mail.recipients.joined(separator: ", "))")
            console.line("    Subject: \(Table.clean(mail.subject))")
            for line in mail.text.split(separator: "\n").prefix(6) {
                console.line("    \(console.paint(Table.clean(String(line)), .dim))")
            }
        }
        let verified = hooks.count(where: \.isVerified)
        if let hook = hooks.first {
            let mark =
                verified == hooks.count
                ? console.paint("✓ signatures verified", .good)
                : console.paint("✗ \(hooks.count - verified) signatures wrong", .bad)
            console.line("  webhook \(hook.id)  \(mark)")
            console.line(
                "    "
                    + console.paint(
                        String(Table.clean(String(decoding: hook.body, as: UTF8.self)).prefix(90)),
                        .dim))
        }
        if mails.isEmpty || hooks.isEmpty {
            console.line("  \(console.paint("not all have come within 20 s", .bad))")
        }
    }

    private func balance(_ run: Run, _ answers: FakeAnswers) {
        console.line(
            "  \(pad(run.dataset, 9))"
                + RunPage.balance(run) { console.paint($0, $1) }.dropFirst("Balance ".count))
        guard let table = FakeTable(rawValue: run.dataset), let facts = answers.tables[table],
            run.counts.rejected != facts.rejected.values.reduce(0, +)
        else { return }
        console.line(
            "            \(console.paint("✗ the generator knows of another number", .bad))")
    }

    private func books() async throws {
        headline("Top books", "goodreads.popular_books_review_count")
        let answer = try await warehouse.with { connection in
            try await connection.table(
                """
                select title, review_count, book_id
                from goodreads.popular_books_review_count
                order by review_count desc, book_id limit 5
                """)
        }
        var table = Table("title", "book_id", "review_count")
        for row in answer.rows {
            table.add([
                Cell(row["title"]), Cell(row["book_id"]),
                Cell(row["review_count"].flatMap { Int($0) }),
            ])
        }
        indent(table)
    }

    private func rejects(_ runs: [Run]) async throws {
        headline("The rejects", "millrace rejects list")
        var table = Table("table", "reason", "records", "for example")
        for run in runs {
            let examples = try await Rejects(warehouse).list(batch: run.batch, limit: 1000)
            for (reason, count) in try await Rejects(warehouse).reasons(batch: run.batch) {
                let example = examples.first { $0.reason == reason }
                let place = example?.line.map { "line \($0): " } ?? ""
                table.add([
                    Cell(run.dataset), Cell(reason, .warned), Cell(count),
                    Cell(example.map { place + $0.message }),
                ])
            }
        }
        indent(table)
    }

    private func checks(of pipeline: String) async throws {
        let checks = try await CheckResults(warehouse).latest(pipeline: pipeline)
        let others = checks.filter { !$0.passed }
        headline("The checks", "\(checks.count - others.count) passed, \(others.count) not")
        for check in others {
            console.line(RunPage.line(check) { console.paint($0, $1) })
        }
    }

    private func latency(_ runs: [Run]) {
        guard let slowest = runs.max(by: { ($0.latency ?? 0) < ($1.latency ?? 0) }) else { return }
        headline("The latency", "the slowest file, \(slowest.dataset)")
        for line in Waterfall(slowest.times).lines({ console.paint($0, $1) }) {
            console.line("  \(line)")
        }
    }

    private func headline(_ title: String, _ text: String) {
        console.line("\n\(console.paint(title, .strong))  \(console.paint(text, .dim))")
    }

    private func indent(_ table: Table) {
        let text = table.text(width: console.width - 2) { console.paint($0, $1) }
        for line in text.split(separator: "\n") { console.line("  \(line)") }
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text.padding(toLength: width, withPad: " ", startingAt: 0)
    }
}
