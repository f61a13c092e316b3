import Engine
import Events
import Foundation
import Processes
import Synchronization

/// An engine for tests: its output are the objects' lines. It dies of an object with the line
/// `kill`.
final class LineEngine: Engine {
    private let runs = Mutex(0)
    /// How often it was started.
    var count: Int { runs.withLock { $0 } }

    func transform(_ job: TransformJob) async throws -> TransformReport {
        runs.withLock { $0 += 1 }
        var processed = ""
        var rejects = ""
        var reports: [ObjectReport] = []
        for object in job.objects {
            if let refusal = object.refusal {
                rejects += "\(object.name): \(refusal)\n"
                reports.append(
                    ObjectReport(counts: Counts(read: 1, rejected: 1), refusal: refusal))
                continue
            }
            let text = try String(contentsOfFile: object.location, encoding: .utf8)
            let lines = text.split(separator: "\n")
            if lines.contains("kill") { throw EngineError(.crashed, "killed by signal 9") }
            processed += text
            reports.append(ObjectReport(counts: Counts(read: lines.count)))
        }
        let report = TransformReport(objects: reports)
        if report.hasRows { try Data(processed.utf8).write(to: URL(filePath: job.processed)) }
        if report.hasRejects { try Data(rejects.utf8).write(to: URL(filePath: job.rejects)) }
        return report
    }

    func export(
        _ location: String, columns: [String], optional: [String], lists: [String: [String]]
    ) throws -> Export {
        throw EngineError(.missing, "it exports nothing")
    }

    func check() async throws {}
}
