import Pipelines
import Spool
import Telemetry

/// The core of the ingest: brings the applied pipelines to the sources.
struct Intake: Sendable {
    let catalog: PipelineCatalog
    let spool: Spool
    let sources: [any SourceWatching]
    let announcements: Announcements
    let log: Log

    /// Captures until it is cancelled.
    func run() async throws {
        try await ownSpool()
        try await recover()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for source in sources { group.addTask { try await source.run() } }
            group.addTask { try await announcements.run() }
            group.addTask { try await tidy() }
            group.addTask { try await followPipelines() }
            try await group.waitForAll()
        }
    }

    private func ownSpool() async throws {
        var isTold = false
        while try await !spool.own() {
            if !isTold { log.warning("another ingest uses the spool; waiting for its end") }
            isTold = true
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func recover() async throws {
        let found = try await spool.recover()
        if !found.removed.isEmpty || !found.finished.isEmpty {
            log.info(
                "spool recovered",
                [
                    "spool.removed": "\(found.removed.count)",
                    "spool.finished": "\(found.finished.count)",
                ])
        }
        for name in found.unreadable {
            log.error("segment without readable facts", ["spool.file": name])
        }
        for path in spool.leftovers {
            log.error("captured file cannot be removed", ["file.path": path])
        }
    }

    /// Removes what a `millrace put` that died has left unfinished.
    private func tidy() async throws {
        while true {
            try await Task.sleep(for: .seconds(600))
            do {
                let removed = try await spool.removeTorn()
                guard !removed.isEmpty else { continue }
                log.info("unfinished files removed", ["spool.removed": "\(removed.count)"])
            } catch {
                log.warning("spool not tidied", ["error": "\(error)"])
            }
        }
    }

    private func followPipelines() async throws {
        var followed: [AppliedDataset]?
        var complaint: String?
        while true {
            do {
                let applied = try await appliedDatasets()
                if applied != followed { await follow(applied) }
                (followed, complaint) = (applied, nil)
            } catch is CancellationError {
                return
            } catch {
                let text = "\(error)"
                if text != complaint { log.error("pipelines cannot be read", ["error": text]) }
                complaint = text
            }
            // Who applies a pipeline and drops its first file does not wait long: the look is one
            // small listing.
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func follow(_ applied: [AppliedDataset]) async {
        log.info(
            "following pipelines",
            [
                "pipelines": Set(applied.map(\.pipeline)).sorted().joined(separator: " "),
                "datasets": "\(applied.count)",
            ])
        for source in sources { await source.follow(applied) }
    }

    private func appliedDatasets() async throws -> [AppliedDataset] {
        var applied: [AppliedDataset] = []
        for name in try await catalog.names() {
            guard let (revision, pipeline) = try await catalog.current(name) else { continue }
            applied += pipeline.datasets.map {
                AppliedDataset(pipeline: name, revision: revision, dataset: $0)
            }
        }
        return applied
    }
}
