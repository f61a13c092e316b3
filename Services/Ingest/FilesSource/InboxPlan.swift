import Foundation
import Glibc
import Pipelines

/// Which folders are watched, and which dataset takes which file.
struct InboxPlan: Sendable, Equatable {
    /// A dataset that takes files of a folder.
    struct Route: Sendable, Equatable {
        let pipeline: String
        let revision: String
        let dataset: String
        let patterns: [String]
        let settle: Duration
    }

    /// What becomes of a file.
    enum Fit: Sendable, Equatable {
        case route(Route)
        /// It is hidden or somebody's unfinished download.
        case ignored
        /// No dataset wants it; these are the patterns that it could have fitted.
        case unfit(patterns: [String])
    }

    /// By absolute path; the routes in the order in which they are asked.
    private(set) var folders: [String: [Route]] = [:]

    private static let unfinished = [".tmp", ".part", ".partial", ".filepart", ".crdownload"]

    init() {}

    /// - Parameter inbox: Where relative paths start.
    init(_ applied: [AppliedDataset], inbox: String) {
        for item in applied {
            guard case .files(let source) = item.dataset.source else { continue }
            let path = source.path.hasPrefix("/") ? source.path : "\(inbox)/\(source.path)"
            let route = Route(
                pipeline: item.pipeline, revision: item.revision, dataset: item.dataset.name,
                patterns: source.patterns, settle: .milliseconds(source.settleMilliseconds))
            let folder = URL(fileURLWithPath: path).standardizedFileURL.path
            folders[folder, default: []].append(route)
        }
    }

    /// Who takes a file of that name.
    func fit(_ name: String, in folder: String) -> Fit {
        let lower = name.lowercased()
        if name.hasPrefix(".") || Self.unfinished.contains(where: lower.hasSuffix) {
            return .ignored
        }
        let routes = folders[folder] ?? []
        let route = routes.first { $0.patterns.contains { fnmatch($0, name, 0) == 0 } }
        return route.map(Fit.route) ?? .unfit(patterns: routes.flatMap(\.patterns))
    }
}
