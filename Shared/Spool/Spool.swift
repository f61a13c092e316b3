public import Events
import Files
public import Foundation
import Lanes
import Synchronization

/// The folder on local disk where captured records wait for the lander of this host.
public final class Spool: Sendable {
    private let folder: SpoolFolder
    private let lanes: LanePool
    /// Only for `check`: large files under way on all the others do not mean that nothing works.
    private let probe = LanePool("spool.check", count: 1)
    private let fullness = Fullness()

    /// - Parameters:
    ///   - directory: An absolute path; made on first use.
    ///   - parallelism: How many segments may be written at once.
    public init(directory: String, parallelism: Int = 4) {
        folder = SpoolFolder(path: directory)
        lanes = LanePool("spool", count: parallelism)
    }

    /// Takes a settled file over: it is gone from its place when this returns a segment.
    ///
    /// - Returns: Nil when it is not there any more, has a writer, or changed while it was read.
    public func take(
        fileAt path: String, as label: SegmentLabel
    ) async throws(SpoolError) -> Segment? {
        try await run { try $0.take(fileAt: path, as: label) }
    }

    /// Copies a file; it stays where it is.
    public func copy(
        fileAt path: String, as label: SegmentLabel
    ) async throws(SpoolError) -> Segment {
        try await run { try $0.copy(try OpenFile(path), as: label) }
    }

    /// Copies what can be read from an open file or pipe until its end.
    ///
    /// - Parameter descriptor: Stays open, and stays the caller's.
    public func write(
        from descriptor: Int32, as label: SegmentLabel
    ) async throws(SpoolError) -> Segment {
        try await run { try $0.copy(try OpenFile(duplicating: descriptor), as: label) }
    }

    /// The ids of what is in the spool, oldest first, without a look inside.
    public func ids() async throws(SpoolError) -> [ULID] {
        try await run { try $0.ids() }
    }

    /// The whole segments, oldest first.
    public func segments() async throws(SpoolError) -> [Segment] {
        try await run { try $0.segments() }
    }

    /// The segment of that id; nil when its bytes are not here.
    public func segment(_ id: ULID) async throws(SpoolError) -> Segment? {
        try await run { try $0.segment(id) }
    }

    /// Where the bytes of a segment are, or were until they went to the lake.
    public func path(of id: ULID) -> String {
        "\(folder.path)/\(SpoolName.text(id, .segment))"
    }

    /// What the spool knows of a segment.
    public func state(of id: ULID) async throws(SpoolError) -> SegmentState {
        try await run { try $0.state(of: id) }
    }

    /// Lets go of a segment that is in the lake and told of. It is remembered as finished, so that
    /// an event of it that comes again is known. Doing so twice is no error.
    public func finish(_ id: ULID) async throws(SpoolError) {
        try await run { try $0.finish(id) }
    }

    /// Forgets finished segments that were captured before `date`; at most 10,000 at once.
    ///
    /// It reads the names of all that are finished: not to be called every few seconds.
    /// - Returns: How many it forgot.
    public func forgetFinished(before date: Date) async throws(SpoolError) -> Int {
        try await run { try $0.forgetFinished(before: date, limit: 10_000) }
    }

    /// Makes this process the one that captures into the spool, for as long as it lives.
    ///
    /// - Returns: False while another process is that.
    public func own() async throws(SpoolError) -> Bool {
        try await run { try $0.own() }
    }

    /// Ends what a dead owner had begun. For the owner, before it takes its first file.
    public func recover() async throws(SpoolError) -> SpoolRecovery {
        try await run { try $0.recover() }
    }

    /// Removes what writers who died have left unfinished, if nobody writes at this moment.
    ///
    /// - Returns: The names of what was removed, for a log.
    public func removeTorn() async throws(SpoolError) -> [String] {
        try await run { try $0.removeTorn() }
    }

    /// Files that are segments already and could not be removed from where they were found.
    public var leftovers: [String] { folder.origins.withLock { $0.values.map(\.path).sorted() } }

    /// Throws when nothing can be written to the spool now. For readiness.
    public func check() async throws(SpoolError) {
        guard !fullness.isRecent else {
            throw SpoolError(.full, "spool: there was no room a moment ago")
        }
        try await run(on: probe) { try $0.check() }
    }

    func run<Value: Sendable>(
        on other: LanePool? = nil,
        _ body: @escaping @Sendable (SpoolFolder) throws -> Value
    ) async throws(SpoolError) -> Value {
        do {
            return try await (other ?? lanes).run { [folder] in try body(folder) }
        } catch let error as SpoolError {
            throw error
        } catch let error as FileError {
            if error.isFull && other == nil { fullness.note() }
            throw SpoolError(error)
        } catch {
            throw SpoolError(.unreachable, "spool: \(error)")
        }
    }
}
