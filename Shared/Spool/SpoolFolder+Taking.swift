import Events
import Files
import Foundation
import Glibc
import Synchronization

/// A file that was found and locked, to be taken from its folder.
private struct Taking {
    let folder: Folder
    let name: String
    let file: OpenFile
    let info: FileInfo
}

extension SpoolFolder {
    func take(fileAt source: String, as label: SegmentLabel) throws -> Segment? {
        let url = URL(fileURLWithPath: source)
        let sources = try Folder(url.deletingLastPathComponent().path)
        guard let file = try sources.open(url.lastPathComponent) else { return nil }
        let info = try file.info()
        guard info.kind == .file, try removeIfTaken(source, info) == false,
            file.writers() != .present, try file.lock(.exclusive)
        else { return nil }
        let taking = Taking(folder: sources, name: url.lastPathComponent, file: file, info: info)
        return try writing { spool in
            // Through a second name, or as its owner, somebody could still change the bytes.
            guard info.links == 1, info.owner == geteuid() else {
                return try copyAndRemove(taking, into: spool, as: label)
            }
            do {
                return try rename(taking, into: spool, as: label)
            } catch let error as FileError where error.code == EXDEV {
                return try copyAndRemove(taking, into: spool, as: label)
            }
        }
    }

    /// The file becomes the segment in one step.
    private func rename(
        _ taking: Taking, into spool: Folder, as label: SegmentLabel
    ) throws -> Segment? {
        let id = ULID()
        let digest = try taking.file.digest()
        guard try taking.file.info().isUnchanged(since: taking.info) else { return nil }
        try taking.file.sync()
        let facts = label.facts(
            id, bytes: digest.bytes, sha256: digest.sha256, modifiedAt: taking.info.modifiedAt)
        try writeFacts(facts, in: spool)
        let segment = SpoolName.text(id, .segment)
        do {
            let renaming = try taking.folder.renameWithoutReplacing(
                taking.name, into: spool, as: segment)
            guard renaming == .done else {
                try spool.remove(SpoolName.text(id, .facts))
                return nil
            }
        } catch {
            try spool.remove(SpoolName.text(id, .facts))
            throw error
        }
        try spool.sync()
        return try settled(facts, taking.info, in: spool)
    }

    /// Corrects the facts when somebody wrote, or put another file there, just before the rename.
    private func settled(
        _ facts: SegmentCaptured, _ seen: FileInfo, in spool: Folder
    ) throws -> Segment? {
        guard let file = try spool.open(SpoolName.text(facts.segment, .segment)) else { return nil }
        var facts = facts
        if try file.info().isUnchanged(since: seen) == false {
            let digest = try file.digest()
            try file.sync()
            facts.bytes = digest.bytes
            facts.sha256 = digest.sha256
            try writeFacts(facts, in: spool)
        }
        return Segment(facts: facts, path: file.path)
    }

    private func copyAndRemove(
        _ taking: Taking, into spool: Folder, as label: SegmentLabel
    ) throws -> Segment? {
        let part = try Part(in: spool)
        let origin = Origin(taking.file.path, taking.info)
        let segment: Segment
        do {
            let digest = try part.fill(from: taking.file)
            guard try taking.file.info().isUnchanged(since: taking.info),
                try taking.folder.info(taking.name)?.isUnchanged(since: taking.info) == true
            else {
                try part.abandon()
                return nil
            }
            let facts = label.facts(
                part.id, bytes: digest.bytes, sha256: digest.sha256,
                modifiedAt: taking.info.modifiedAt)
            try writeFacts(facts, in: spool)
            try spool.write(EventJSON.encode(origin), as: SpoolName.text(part.id, .origin))
            segment = try part.commit(facts)
        } catch {
            try part.abandon()
            throw error
        }
        try finish(part.id, origin, in: spool)
        return segment
    }

    /// Removes the file that a segment was copied from, and then the note about it. Where the file
    /// cannot be removed, the note stays, so that it is not taken again.
    func finish(_ id: ULID, _ origin: Origin, in spool: Folder) throws(FileError) {
        origins.withLock { $0[id] = origin }
        do { try origin.removeFile() } catch let error where error.isRefused { return }
        origins.withLock { $0[id] = nil }
        try spool.remove(SpoolName.text(id, .origin))
        try spool.sync()
    }

    /// True when the file is a segment already; it is removed if that is possible now.
    private func removeIfTaken(_ source: String, _ info: FileInfo) throws -> Bool {
        let known = origins.withLock { origins in
            origins.first { $0.value.path == source && $0.value.isSame(info) }
        }
        guard let known else { return false }
        try known.value.removeFile()
        try finish(known.key, known.value, in: try open())
        return true
    }
}
