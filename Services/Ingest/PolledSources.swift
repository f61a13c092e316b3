import Events
import Lake
import Pipelines
import Spool
import Synchronization
import Telemetry

/// Sources that are asked rather than watched: of all hosts one asks them, the one that holds the
/// lease. Who gets it goes on where the lake says that the other one was.
final class PolledSources: SourceWatching {
    private static let period = Duration.milliseconds(500)

    private let sources: [any SourceWatching]
    private let lease: any Lease
    private let states: SourceStates
    private let spool: Spool
    private let log: Log
    private let followed = Mutex<[AppliedDataset]>([])

    init(
        _ sources: [any SourceWatching], lease: any Lease, states: SourceStates, spool: Spool,
        log: Log
    ) {
        self.sources = sources
        self.lease = lease
        self.states = states
        self.spool = spool
        self.log = log
    }

    func follow(_ datasets: [AppliedDataset]) async { followed.withLock { $0 = datasets } }

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for source in sources { group.addTask { try await source.run() } }
            group.addTask { await self.lead() }
            try await group.waitForAll()
        }
    }

    /// What is known while the lease is held.
    private struct Term {
        var handed: [AppliedDataset] = []
        /// Sources whose state has been compared with the lake's.
        var adopted: Set<String> = []
        var edits: [String: ObjectInfo] = [:]
    }

    private func lead() async {
        var term = Term()
        var complaint: String?
        while !Task.isCancelled {
            do {
                try await look(&term)
                complaint = nil
            } catch is CancellationError {
                return
            } catch {
                let text = "\(error)"
                if text != complaint { log.error("states cannot be read", ["error": text]) }
                complaint = text
            }
            do { try await Task.sleep(for: Self.period) } catch { return }
        }
    }

    private func look(_ term: inout Term) async throws {
        let wanted = followed.withLock { $0 }
        let names = Set(wanted.compactMap(\.stateName))
        guard !names.isEmpty || !term.handed.isEmpty else { return }
        guard await lease.isHeld() else {
            if !term.handed.isEmpty { await hand([], &term) }
            term = Term()
            return
        }
        for name in names.subtracting(term.adopted) {
            try await adopt(name)
            term.adopted.insert(name)
        }
        let edits = try await states.edits().filter { names.contains($0.key) }
        for (name, info) in edits where term.edits[name] != info { try await follow(editOf: name) }
        term.edits = edits
        if wanted != term.handed { await hand(wanted, &term) }
    }

    private func hand(_ datasets: [AppliedDataset], _ term: inout Term) async {
        for source in sources { await source.follow(datasets) }
        term.handed = datasets
    }

    /// Takes over what the lake knows, unless this host's spool is what the lake has it from.
    private func adopt(_ name: String) async throws {
        // In this order: what lands meanwhile is part of what was seen.
        let own = try await spool.chain(of: name)
        guard let state = try await states.current(name), let segment = state.segment,
            !own.contains(segment)
        else { return }
        try await spool.adopt(state.text, of: name, after: segment, edit: state.edit)
        log.info("state taken over", ["source": name, "segment": "\(segment)"])
    }

    private func follow(editOf name: String) async throws {
        guard let edit = try await states.edit(of: name),
            try await spool.edit(of: name) != edit.id
        else { return }
        try await spool.adopt(edit.text, of: name, edit: edit.id)
        log.info("state edited", ["source": name, "edit": "\(edit.id)", "who": edit.who])
    }
}

extension AppliedDataset {
    /// What the state of its source is kept under; nil for one that has none.
    var stateName: String? {
        switch dataset.source {
        case .files: nil
        case .http(let source): "\(pipeline).\(source.call ?? dataset.name)"
        case .command: name
        case .singer(let source): "\(pipeline).\(source.tap)"
        }
    }
}

/// The lease of an ingest that is alone, without a broker.
struct OnlyHost: Lease {
    func isHeld() async -> Bool { true }
}
