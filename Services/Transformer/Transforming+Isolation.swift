import Engine
import Events
import Lake
import Service
import Telemetry

extension Transforming {
    /// Transforms a batch. An object that kills the engine is found and refused, and the rest of
    /// the batch goes on.
    ///
    /// - Throws: The first death on the whole batch, so that it is tried again later, and what is
    ///   no object's fault.
    func transform(_ work: Work) async throws -> BatchFacts {
        var suspicion = work.claim.suspicion ?? Suspicion()
        var hasTriedParts = false
        while true {
            do {
                guard case .trial(let names) = suspicion.next else {
                    return try await transform(work, refusing: suspicion.guilty)
                }
                hasTriedParts = true
                try await attempt(names, of: work)
                suspicion.survived()
            } catch let death as EngineError where death.isDeath {
                let known = suspicion
                suspicion.died(on: known.tried(of: work.names), saying: death.description)
                try await note(suspicion, since: known, work, death)
                let isNews = suspicion.guilty.count > known.guilty.count
                let canTryParts = !hasTriedParts && suspicion.next != .whole
                guard known.next != .whole || isNews || canTryParts else { throw death }
            }
        }
    }

    /// Runs the engine over some objects of a batch, only to see whether it survives.
    private func attempt(_ names: [String], of work: Work) async throws {
        let names = Set(names)
        let objects = work.claim.objects.filter { names.contains($0.name) }
        try await Workplace.with(lake, work.batch) { place in
            _ = try await engine.transform(
                job(work, objects.map { input($0, of: work) }, in: place))
        }
    }

    private func note(
        _ suspicion: Suspicion, since known: Suspicion, _ work: Work, _ death: EngineError
    ) async throws {
        try await Claiming(lake: lake).note(suspicion, at: work.claimKey)
        let tried = known.tried(of: work.names)
        context.log.warning(
            "engine died",
            [
                "batch": "\(work.batch)", "objects": "\(tried.count)",
                "error.class": death.errorClass, "error": death.description,
            ])
        for name in suspicion.guilty.keys where known.guilty[name] == nil {
            context.log.error(
                "object refused: the engine dies of it",
                ["batch": "\(work.batch)", "object": name])
        }
    }
}
