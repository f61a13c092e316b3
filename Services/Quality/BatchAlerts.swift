import Checks
import Events
import Foundation
import Pipelines

/// The alerts that one batch gives rise to. Their ids follow from the batch, so that a redelivered
/// event says the same ones again.
struct BatchAlerts {
    let pipeline: String
    let batch: ULID
    let source: String
    /// The event that they follow from.
    let cause: Event

    /// A blocking check has failed.
    func refused(_ facts: BatchFacts, _ results: [CheckResult]) throws -> Event {
        let failed = results.filter(\.isRefusing)
        let title =
            "\(pipeline).\(facts.dataset): batch refused, "
            + "\(failed.count) of \(results.count) blocking checks failed"
        let detail =
            failed.flatMap(AlertText.lines) + [
                "", "The table is as it was. " + Self.origin(of: facts),
            ]
        return try raised(
            Self.refusedKey(pipeline, facts.dataset), "batch_refused", .critical, facts.dataset,
            title, detail, command: "millrace show \(batch)")
    }

    /// A dataset is published again after a refused batch.
    func refusalOver(_ dataset: String) throws -> Event {
        try resolved(
            Self.refusedKey(pipeline, dataset), "batch_refused", dataset,
            "\(pipeline).\(dataset): published again")
    }

    /// A check of a table that readers see has failed.
    func failed(_ result: CheckResult, on target: CheckTarget) throws -> Event {
        let isBlocking = result.severity == .block
        let outcome = result.outcome == .error ? "has an error" : "failed"
        let detail = AlertText.lines(of: result) + ["", "The rows are in the table."]
        return try raised(
            Self.checkKey(target, result), Self.topic(result),
            isBlocking ? .critical : .warning, target.name,
            "\(target.title): \(result.name) \(outcome)", detail, command: "millrace show \(batch)")
    }

    /// The check passes again.
    func passesAgain(_ result: CheckResult, on target: CheckTarget) throws -> Event {
        try resolved(
            Self.checkKey(target, result), Self.topic(result), target.name,
            "\(target.title): \(result.name) passes again")
    }

    /// More records or objects were set aside than the pipeline allows.
    ///
    /// - Parameters:
    ///   - reasons: With how many of each, where known.
    ///   - ofDay: Those of the last 24 hours, where they are too many.
    func rejects(
        _ facts: BatchFacts, reasons: [(reason: String, count: Int)], ofDay: Int?
    ) throws -> Event {
        let refusals = facts.objects.filter { $0.refusal != nil }
        let counts = facts.counts
        let whole = refusals.isEmpty ? "" : ", \(refusals.count) files refused"
        let detail =
            reasons.map { "\($0.count) \($0.reason)" }
            + refusals.map { "\($0.name): \($0.refusal ?? "")" }
            + (ofDay.map { ["\($0) records were rejected in the last 24 hours"] } ?? [])
        return try raised(
            key("rejects_over", facts.dataset), "rejects_over", .warning, facts.dataset,
            "\(pipeline).\(facts.dataset): \(counts.rejected) of \(counts.read) records rejected"
                + whole,
            detail, command: "millrace rejects list --run \(batch)")
    }

    /// Objects were refused because they are not as the dataset's contract wants them.
    func contractBroken(_ facts: BatchFacts) throws -> Event? {
        let reasons = ["unknown_column", "missing_column", "bad_value"]
        let broken = facts.objects.filter { reasons.contains($0.refusalReason ?? "") }
        guard !broken.isEmpty else { return nil }
        return try raised(
            key("contract_broken", facts.dataset), "contract_broken", .critical, facts.dataset,
            "\(pipeline).\(facts.dataset): \(broken.count) of \(facts.objects.count) files are not "
                + "as the contract wants them",
            broken.map { "\($0.name.dropFirst(27)): \($0.refusal ?? "")" } + [
                "", "Nothing of them is in the table.",
            ],
            command: "millrace rejects list --run \(batch)")
    }

    /// The batch took longer than its pipeline promises.
    func late(_ facts: BatchFacts, seconds: Double, bound: Int) throws -> Event {
        let text = String(format: "%.1f", seconds)
        return try raised(
            key("latency_slo", facts.dataset), "latency_slo", .warning, facts.dataset,
            "\(pipeline).\(facts.dataset): queryable \(text) s after arrival, not \(bound) s",
            [Self.origin(of: facts)], command: "millrace show \(batch)")
    }

    /// What the topics name that one batch can raise and the next can end.
    func key(_ topic: String, _ dataset: String) -> String {
        "\(topic):\(pipeline).\(dataset)"
    }

    /// What an alert of such a key said is over.
    func over(_ key: String, _ dataset: String) throws -> Event {
        let topic = String(key.prefix { $0 != ":" })
        return try resolved(
            key, topic, dataset, "\(pipeline).\(dataset): \(topic) is over with this batch")
    }

    /// The dataset's table has got other columns.
    func schemaChanged(_ news: SchemaChanged) throws -> Event {
        let origin = news.object.map { "From \($0)." } ?? ""
        return try raised(
            "schema:\(pipeline).\(news.dataset):\(news.version)", "schema_changed",
            news.changesTypes ? .warning : .info, news.dataset,
            "\(pipeline).\(news.dataset): schema version \(news.version)",
            news.changes + ["", origin], command: "millrace schema diff \(pipeline).\(news.dataset)"
        )
    }

    /// The batch is published.
    func succeeded(_ facts: BatchFacts, _ counts: Counts) throws -> Event {
        var detail = [AlertText.balance(counts), Self.origin(of: facts)]
        let arrived = facts.objects.compactMap { $0.times[.arrived] }.min()
        if let arrived, let published = facts.times[.published] {
            let seconds = max(0, published.timeIntervalSince(arrived))
            detail.append("arrived to queryable: \(Int((seconds * 1000).rounded())) ms")
        }
        return try raised(
            "run:\(pipeline).\(facts.dataset)", "run_succeeded", .info, facts.dataset,
            "\(pipeline).\(facts.dataset): \(counts.published) rows published", detail,
            command: "millrace show \(batch)")
    }

    private func raised(
        _ key: String, _ topic: String, _ severity: AlertSeverity, _ dataset: String,
        _ title: String, _ detail: [String], command: String
    ) throws -> Event {
        let alert = AlertRaised(
            key: key, topic: topic, severity: severity, pipeline: pipeline, dataset: dataset,
            batch: batch, title: title, detail: detail.joined(separator: "\n"), command: command)
        return try Event(alert, id: id(key, "raised"), from: source, after: cause)
    }

    private func resolved(
        _ key: String, _ topic: String, _ dataset: String, _ title: String
    ) throws -> Event {
        let alert = AlertResolved(
            key: key, topic: topic, pipeline: pipeline, dataset: dataset, title: title)
        return try Event(alert, id: id(key, "resolved"), from: source, after: cause)
    }

    /// A message's id has room for 255 bytes; a longer key gives way to its digest.
    private func id(_ key: String, _ verb: String) -> String {
        let name = key.utf8.count <= 180 ? key : SHA256.hex(of: Data(key.utf8))
        return "\(batch).\(name).\(verb)"
    }

    private static func refusedKey(_ pipeline: String, _ dataset: String) -> String {
        "refused:\(pipeline).\(dataset)"
    }

    private static func checkKey(_ target: CheckTarget, _ result: CheckResult) -> String {
        "check:\(target.title):\(result.name)"
    }

    private static func topic(_ result: CheckResult) -> String {
        result.severity == .block ? "check_failed" : "check_warned"
    }

    private static func origin(of facts: BatchFacts) -> String {
        let names = facts.objects.map { String($0.name.dropFirst(27)) }
        let more = names.count > 3 ? " and \(names.count - 3) more" : ""
        return "From " + names.prefix(3).joined(separator: ", ") + more + "."
    }
}
