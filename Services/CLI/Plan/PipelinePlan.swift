import Events
import Foundation
import Pipelines
import Postgres
import Warehouse

/// What an apply of a pipeline would change.
struct PipelinePlan: Encodable {
    let pipeline: String
    /// The current revision; nil when there is none.
    let from: String?
    let to: String
    let changes: [PlanChange]
    /// Why the warehouse could not be asked; nil when it was.
    let blind: String?

    /// True when a person should look at it first.
    var isGrave: Bool { changes.contains { $0.weight != .plain } }

    /// Compares with what is applied and with what is in the warehouse.
    static func make(_ pipeline: Pipeline, _ context: StackContext) async throws -> PipelinePlan {
        let before = try await context.catalog().current(pipeline.name)
        let to = PipelineJSON.revision(of: try PipelineJSON.encode(pipeline))
        var changes = try PipelineDiff(from: before?.pipeline, to: pipeline).changes()
        var blind: String?
        do {
            let pool = try context.warehouse()
            let diff = changes
            changes = try await pool.transaction { connection in
                try await QueryWarehouse.restrict(connection, seconds: 60)
                return try await PlanLive(pipeline, connection).judged(diff)
            }
        } catch let error as PostgresError {
            blind = "\(error)"
        } catch let error as CommandError {
            blind = error.message
        }
        return PipelinePlan(
            pipeline: pipeline.name, from: before?.revision, to: to, changes: changes, blind: blind)
    }

    /// For people: one line for each change, by what it is about.
    func text(_ paint: (String, Style) -> String) -> String {
        let revision = from == to || from == nil ? to : "\(from ?? "") -> \(to)"
        var lines = [paint(pipeline, .strong) + paint("  \(revision)", .dim)]
        var area = ""
        for change in changes {
            let head = change.area == area ? "" : change.area
            area = change.area
            lines.append(line(change, head, paint))
            if !change.effect.isEmpty {
                lines.append(
                    String(repeating: " ", count: 15) + paint(change.effect, change.style))
            }
        }
        if changes.isEmpty { lines.append(paint("  nothing to do", .good)) }
        if let blind { lines.append(paint("  ! the warehouse was not asked: \(blind)", .warned)) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(
        _ change: PlanChange, _ head: String, _ paint: (String, Style) -> String
    ) -> String {
        let sign: (String, Style) =
            switch change.kind {
            case .add: ("+", .good)
            case .change: ("~", .warned)
            case .remove: ("-", .bad)
            }
        let mark = change.weight == .conflict ? ("!", Style.bad) : sign
        let detail = change.detail.isEmpty ? "" : "  \(change.detail)"
        return " " + head.padding(toLength: 12, withPad: " ", startingAt: 0)
            + paint(mark.0, mark.1) + " \(change.subject)\(detail)"
    }
}

extension PlanChange {
    fileprivate var style: Style {
        switch weight {
        case .plain: .dim
        case .destructive: .warned
        case .conflict: .bad
        }
    }
}
