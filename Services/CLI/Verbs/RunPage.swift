import Events
import Foundation
import Pipelines
import Warehouse

/// One run's story as a page for people.
struct RunPage {
    typealias Paint = (String, Style) -> String

    private let story: RunStory
    private let dataFlag: String
    private let paint: Paint

    init(_ story: RunStory, dataFlag: String, paint: @escaping Paint) {
        self.story = story
        self.dataFlag = dataFlag
        self.paint = paint
    }

    var text: String {
        let parts = [head, objects, balance, reasons, rejects, checks, latency]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
            .joined(separator: "\n")
    }

    private var run: Run { story.run }

    private var head: [String] {
        let name = paint("\(run.pipeline).\(run.dataset)", .strong)
        let state = paint(run.outcome, RunTable.style(run))
        return [
            "\(name)  run \(run.batch)  \(state)",
            paint(
                "revision \(run.revision), began \(TimeText.stamp(run.startedAt)) UTC", .dim),
        ] + replays
    }

    private var replays: [String] {
        let earlier = run.replayOf.map { "a replay of \($0)" }
        let later = Set(story.objects.compactMap(\.replacedBy)).sorted().map {
            "replaced by its replay \($0)"
        }
        return ([earlier].compactMap(\.self) + later).map { paint($0, .dim) }
    }

    private var objects: [String] {
        story.objects.map { object in
            let size = TimeText.count(object.counts.read, "record")
            let bytes = TimeText.grouped(object.bytes)
            return "  \(Table.clean(object.name))  \(size), \(bytes) bytes"
                + paint("  _source_id \(object.sourceID)", .dim)
        }
    }

    /// What was read has to be somewhere; before the end of a run it is still on its way.
    private var balance: [String] {
        [Self.balance(run, paint)]
            + story.children.map { "  \($0.table)  \(Self.sum($0.counts))" }
    }

    /// `Balance  read 3 = published 1 + …  ✓`
    static func balance(_ run: Run, _ paint: Paint) -> String {
        let counts = run.counts
        guard run.state == .published else {
            return "Balance   read \(TimeText.grouped(counts.read)), published nothing"
        }
        let mark = counts.isBalanced ? paint("✓", .good) : paint("✗ does not add up", .bad)
        return "Balance   \(sum(counts))   \(mark)"
    }

    private static func sum(_ counts: Counts) -> String {
        "read \(TimeText.grouped(counts.read)) = published "
            + "\(TimeText.grouped(counts.published)) + superseded "
            + "\(TimeText.grouped(counts.superseded)) + filtered "
            + "\(TimeText.grouped(counts.filtered)) + rejected \(TimeText.grouped(counts.rejected))"
    }

    private var reasons: [String] {
        run.reasons.map { paint("✗ ", .bad) + Table.clean($0) }
    }

    private var rejects: [String] {
        guard !story.rejects.isEmpty else { return [] }
        let counts = story.rejects.map { "\($0.reason) \(TimeText.grouped($0.count))" }
        return [
            "Rejects   \(counts.joined(separator: ", "))",
            paint(
                "          millrace rejects list --run \(RunTable.shortID(run))\(dataFlag)", .dim),
        ]
    }

    private var checks: [String] {
        guard !story.checks.isEmpty else { return [] }
        let others = story.checks.filter { !$0.passed }
        let passed = story.checks.count - others.count
        let head = "Checks    \(passed) passed" + (others.isEmpty ? "" : ", \(others.count) not")
        return [head] + others.map { Self.line($0, paint) }
    }

    /// A check that did not pass, on one line.
    static func line(_ check: CheckEntry, _ paint: Paint) -> String {
        let mark =
            switch (check.outcome, check.severity) {
            case ("held", _): paint("…", .dim)
            case (_, .block): paint("✗", .bad)
            case (_, .quarantine), (_, .warn): paint("!", .warned)
            }
        return "  \(mark) \(check.table)  \(check.check)  \(Table.clean(check.message))"
    }

    private var latency: [String] { Waterfall(run.times).lines(paint) }
}
