import Events
import Files
import Foundation
import Synchronization

/// The blocking steps of the spool.
final class SpoolFolder: Sendable {
    let path: String
    /// A folder with the facts of segments that have gone on.
    private static let finished = "finished"
    /// Files that are segments already and could not be removed so far.
    let origins = Mutex<[ULID: Origin]>([:])
    let bases = NoteBases()
    private let ownership = Mutex<OpenFile?>(nil)

    init(path: String) {
        self.path = path
    }

    func open() throws(FileError) -> Folder { try Folder.make(path) }

    func copy(_ file: OpenFile, as label: SegmentLabel) throws -> Segment {
        try writing { spool in
            let part = try Part(in: spool)
            do {
                let digest = try part.fill(from: file)
                let facts = label.facts(
                    part.id, bytes: digest.bytes, sha256: digest.sha256,
                    modifiedAt: try file.info().modifiedAt)
                try writeFacts(facts, in: spool)
                return try part.commit(facts)
            } catch {
                try part.abandon()
                throw error
            }
        }
    }

    func ids() throws -> [ULID] {
        try open().entries().compactMap { SpoolName($0.name, .segment)?.id }.sorted()
    }

    func segments() throws -> [Segment] {
        let spool = try open()
        return try ids().compactMap { try segment($0, in: spool) }
    }

    func segment(_ id: ULID) throws -> Segment? { try segment(id, in: try open()) }

    func state(of id: ULID) throws -> SegmentState {
        let spool = try open()
        if let segment = try segment(id, in: spool) { return .whole(segment) }
        if try spool.info(SpoolName.text(id, .facts)) != nil { return .moved }
        let finished = try spool.folder(Self.finished)
        return try finished?.info(id.description) == nil ? .unknown : .finished
    }

    func finish(_ id: ULID) throws {
        let spool = try open()
        let finished = try spool.making(Self.finished)
        // The bytes first: facts without bytes are no segment. Nothing is synced: what a power cut
        // brings back is landed and told of once more, which does no harm.
        try spool.remove(SpoolName.text(id, .segment))
        try spool.remove(SpoolName.text(id, .note))
        _ = try spool.rename(SpoolName.text(id, .facts), into: finished, as: id.description)
    }

    func forgetFinished(before date: Date, limit: Int) throws -> Int {
        guard let finished = try open().folder(Self.finished) else { return 0 }
        let oldest = ULID(at: date)
        var names: [String] = []
        try finished.visit { name, _ throws(FileError) in
            guard names.count < limit, let text = String(validating: name, as: UTF8.self),
                let id = ULID(text), id < oldest
            else { return }
            names.append(text)
        }
        for name in names { try finished.remove(name) }
        return names.count
    }

    func own() throws -> Bool {
        let file = try open().openOrCreate(".owner")
        guard try file.lock(.exclusive) else { return false }
        ownership.withLock { $0 = file }
        return true
    }

    func check() throws {
        try writing { spool in
            let name = ".check-\(ULID())"
            let file = try spool.create(name)
            defer { withExtendedLifetime(file) {} }
            do { try file.write(Data("millrace".utf8)) } catch {
                try spool.remove(name)
                throw error
            }
            try spool.remove(name)
        }
    }

    /// Runs `body` while nobody can mistake its unfinished files for those of a dead process.
    func writing<Value>(_ body: (Folder) throws -> Value) throws -> Value {
        let spool = try open()
        let writers = try spool.openOrCreate(".writers")
        try writers.waitForLock(.shared)
        return try withExtendedLifetime(writers) { try body(spool) }
    }

    func segment(_ id: ULID, in spool: Folder) throws -> Segment? {
        guard try spool.info(SpoolName.text(id, .segment)) != nil,
            let file = try spool.open(SpoolName.text(id, .facts))
        else { return nil }
        do {
            let facts = try EventJSON.decode(SegmentCaptured.self, from: file.contents())
            return Segment(facts: facts, path: spool.path(of: SpoolName.text(id, .segment)))
        } catch is DecodingError {
            // `recover` reports it; one bad file must not hide the others.
            return nil
        }
    }

    func writeFacts(_ facts: SegmentCaptured, in spool: Folder) throws {
        try spool.write(EventJSON.encode(facts), as: SpoolName.text(facts.segment, .facts))
    }
}
