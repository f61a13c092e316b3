import Files
import Foundation
import Glibc

/// Looks at the inbox's folders and tells which files are whole.
struct InboxScan {
    /// What a look found.
    struct Findings: Sendable {
        var settled: [Candidates.File] = []
        /// When the next look makes sense, if some files are not settled yet.
        var lookAgainIn: Duration?
        /// What a person should know, by the path that it is about.
        var complaints: [String: String] = [:]
    }

    private var settling = Settling()

    /// - Parameter inbox: Folders below it are made where they are missing.
    mutating func look(_ plan: InboxPlan, inbox: String, watch: FolderWatch?) -> Findings {
        var findings = Findings()
        var present: Set<String> = []
        for path in plan.folders.keys.sorted() {
            do {
                let folder =
                    path.hasPrefix(inbox + "/") || path == inbox
                    ? try Folder.make(path) : try Folder(path)
                try watch?.add(path)
                for entry in try folder.entries() where !entry.isFolder {
                    present.insert(folder.path(of: entry.name))
                    try look(entry.name, in: folder, plan, &findings)
                }
            } catch {
                findings.complaints[path] = "\(error)"
            }
        }
        settling.keep(present)
        return findings
    }

    private mutating func look(
        _ name: String, in folder: Folder, _ plan: InboxPlan, _ findings: inout Findings
    ) throws(FileError) {
        let path = folder.path(of: name)
        switch plan.fit(name, in: folder.path) {
        case .ignored: return
        case .unfit(let patterns):
            findings.complaints[path] =
                "no dataset takes this name; patterns: \(patterns.joined(separator: " "))"
        case .route(let route):
            guard let info = try folder.info(name), info.kind == .file else { return }
            // One that may not be read cannot be asked; the capture will say so.
            let writers: OpenFile.Writers
            do { writers = try folder.open(name)?.writers() ?? .unknown } catch {
                writers = .unknown
            }
            switch settling.judge(path, info, writers: writers, settle: route.settle) {
            case .settled:
                let file = Candidates.File(folder: folder.path, name: name, route: route)
                findings.settled.append(file)
            case .wait(let rest):
                findings.lookAgainIn = min(findings.lookAgainIn ?? rest, rest)
            }
        }
    }
}
