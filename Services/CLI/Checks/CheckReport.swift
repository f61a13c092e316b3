import Foundation
import Pipelines
import Warehouse

/// One page about checks that needs nothing else: no script, no other file, light and dark.
struct CheckReport {
    let entries: [CheckEntry]
    /// Oldest first.
    let history: [CheckEntry]
    let madeAt: Date

    /// Of each check so many results are drawn.
    static let points = 120

    private struct Name: Hashable {
        let pipeline: String
        let table: String
        let check: String

        init(_ entry: CheckEntry) {
            pipeline = entry.pipeline
            table = entry.table
            check = entry.check
        }

        var title: String { "\(pipeline).\(table)" }
    }

    var html: String {
        let past = Dictionary(grouping: history, by: Name.init)
        let tables = Dictionary(grouping: entries) { Name($0).title }
        let failed = entries.count { !$0.passed }
        let head = failed == 0 ? "all passed" : "\(failed) not passed"
        let body = tables.keys.sorted().map { title in
            section(title, tables[title] ?? [], past)
        }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Checks: \(head)</title>
            <style>\(Self.style)</style></head><body>
            <h1>Checks</h1>
            <p>\(entries.count) checks, \(head); \(Self.escaped(TimeText.stamp(madeAt))) UTC</p>
            \(body.joined(separator: "\n"))
            </body></html>

            """
    }

    private func section(
        _ title: String, _ entries: [CheckEntry], _ past: [Name: [CheckEntry]]
    ) -> String {
        let bad = entries.count { !$0.passed }
        let state = bad == 0 ? "<b class=good>passed</b>" : "<b class=bad>\(bad) not passed</b>"
        let rows = entries.map { row($0, past[Name($0)] ?? []) }.joined(separator: "\n")
        return """
            <section><h2>\(Self.escaped(title)) \(state)</h2>
            <table><thead><tr><th>check</th><th>outcome</th><th>found</th><th>limits</th>
            <th>history</th></tr></thead><tbody>
            \(rows)
            </tbody></table></section>
            """
    }

    private func row(_ entry: CheckEntry, _ past: [CheckEntry]) -> String {
        let style = entry.passed ? "good" : entry.severity == .warn ? "warned" : "bad"
        let chart = CheckChart(past).svg
        let time = Self.escaped(TimeText.stamp(entry.checkedAt))
        return """
            <tr class="\(style)"><th scope="row">\(Self.escaped(entry.check))</th>
            <td><b class="\(style)">\(Self.escaped(entry.outcome))</b><br>
            <small>\(Self.escaped(entry.severity.rawValue))</small></td>
            <td>\(Self.escaped(entry.message))\(samples(entry))</td>
            <td>\(Self.escaped(entry.limits ?? ""))</td>
            <td>\(chart)<br><small>\(time)</small></td></tr>
            """
    }

    private func samples(_ entry: CheckEntry) -> String {
        guard !entry.passed,
            let rows = try? JSONDecoder().decode(
                [[String: String?]].self, from: Data(entry.samples.utf8)), !rows.isEmpty
        else { return "" }
        let names = Set(rows.flatMap(\.keys)).sorted()
        let head = names.map { "<th>\(Self.escaped($0))</th>" }.joined()
        let body = rows.map { row in
            let cells = names.map { name in
                "<td>\((row[name] ?? nil).map(Self.escaped) ?? "<i>null</i>")</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return "<details open><summary>rows that fail</summary><table class=rows><thead><tr>\(head)"
            + "</tr></thead><tbody>\(body.joined())</tbody></table></details>"
    }

    /// Text as HTML shows it, in an element or in quotes.
    static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            case _ where scalar.value < 0x20 && scalar != "\n" && scalar != "\t": out += "·"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    private static let style = """
        :root{--ink:#1c2024;--dim:#5f6872;--line:#d8dde3;--ground:#fff;--good:#18794e;\
        --warned:#946800;--bad:#c62a2f}
        @media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--dim:#9aa4af;--line:#363c44;\
        --ground:#15181c;--good:#4cc38a;--warned:#f1a10d;--bad:#ff8589}}
        body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);\
        max-width:72rem;margin:2rem auto;padding:0 1rem}
        h2{font-size:1.1rem;margin-top:2rem}small,thead{color:var(--dim)}
        table{border-collapse:collapse;width:100%}
        th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;\
        border-bottom:1px solid var(--line);font-weight:normal;overflow-wrap:anywhere}
        .rows{width:auto;font-size:.85rem;margin-top:.3rem}
        b.good{color:var(--good)}b.warned{color:var(--warned)}b.bad{color:var(--bad)}
        svg{width:220px;height:48px}svg path{fill:none;stroke:var(--dim);stroke-width:1.5}
        svg .good{fill:var(--good)}svg .warned{fill:var(--warned)}svg .bad{fill:var(--bad)}
        """
}
