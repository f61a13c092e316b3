import Events
import Files
import Foundation
import Synchronization

extension SpoolFolder {
    func recover() throws -> SpoolRecovery {
        let spool = try open()
        var recovery = SpoolRecovery()
        try settleOrigins(in: spool, &recovery)
        recovery.removed = try removeTorn()
        recovery.unreadable = try spool.entries()
            .compactMap { SpoolName($0.name, .segment)?.id }
            .filter { try segment($0, in: spool) == nil }
            .map { SpoolName.text($0, .segment) }.sorted()
        return recovery
    }

    /// A note with a part beside it is of a copy that never became a segment; one without is of a
    /// segment, perhaps one that has gone on already, whose source file is still to be removed.
    private func settleOrigins(in spool: Folder, _ recovery: inout SpoolRecovery) throws {
        for entry in try spool.entries() {
            guard let id = SpoolName(entry.name, .origin)?.id, let file = try spool.open(entry.name)
            else { continue }
            let origin = try EventJSON.decode(Origin.self, from: file.contents())
            if try spool.info(SpoolName.text(id, .part)) != nil {
                try spool.remove(entry.name)
                try spool.sync()
            } else {
                try finish(id, origin, in: spool)
                let isLeft = origins.withLock { $0[id] != nil }
                if !isLeft { recovery.finished.append(origin.path) }
            }
        }
    }

    func removeTorn() throws -> [String] {
        let spool = try open()
        let writers = try spool.openOrCreate(".writers")
        // While somebody writes, the unfinished files look like torn ones.
        guard try writers.lock(.exclusive) else { return [] }
        return try withExtendedLifetime(writers) { try removeTorn(in: spool) }
    }

    private func removeTorn(in spool: Folder) throws -> [String] {
        if let sources = try spool.folder(Self.sources) {
            try SourceNotes(folder: sources).complete(self)
        }
        var removed: [String] = []
        for entry in try spool.entries() where !entry.isFolder {
            guard
                try entry.name.hasSuffix(".part") || entry.name.hasPrefix(".check-")
                    || isForgotten(entry.name, in: spool)
            else { continue }
            // Facts that stayed without their part would look like those of a segment that has
            // gone on.
            if let id = SpoolName(entry.name, .part)?.id {
                try spool.remove(SpoolName.text(id, .facts))
                try spool.remove(SpoolName.text(id, .note))
            }
            try spool.remove(entry.name)
            removed.append(entry.name)
        }
        if !removed.isEmpty { try spool.sync() }
        return removed.sorted()
    }

    /// Facts without bytes are of a segment that never came to be, or of one that the lander is
    /// about to finish. After a day it does not matter which.
    private func isForgotten(_ name: String, in spool: Folder) throws -> Bool {
        guard let id = SpoolName(name, .facts)?.id,
            id < ULID(at: Date(timeIntervalSinceNow: -86_400))
        else { return false }
        return try spool.info(SpoolName.text(id, .segment)) == nil
    }
}
