import Files
public import Foundation
import Lanes

/// A lake in a folder of this host, or of a disk that several hosts share.
///
/// Every write goes aside into `.scratch`, is synced, renamed into its place, and the folder is
/// synced: a reader sees the whole object or none, and a power cut does not undo it.
public final class DirectoryStore: ObjectStore {
    private let tree: DirectoryTree
    private let lanes: LanePool
    /// Only for `check`: large files under way on all the others do not mean that the lake is away.
    private let probe = LanePool("lake.check", count: 1)
    private let fullness = Fullness()

    /// - Parameters:
    ///   - root: An absolute path; made on first use.
    ///   - parallelism: How many calls may block at once.
    public init(root: String, parallelism: Int = 4) {
        let trimmed = root.hasSuffix("/") ? String(root.dropLast()) : root
        tree = DirectoryTree(root: trimmed)
        lanes = LanePool("lake", count: parallelism)
    }

    public func put(_ bytes: Data, at key: String) async throws(LakeError) {
        try await run("put", key) { try $0.put(bytes, at: key) }
    }

    public func putIfAbsent(_ bytes: Data, at key: String) async throws(LakeError) -> Bool {
        try await run("put", key) { try $0.putIfAbsent(bytes, at: key) }
    }

    public func put(fileAt path: String, at key: String) async throws(LakeError) {
        try await run("put", key) { try $0.put(fileAt: path, at: key) }
    }

    public func get(_ key: String, limitBytes: Int) async throws(LakeError) -> Data {
        try await run("get", key) { try $0.get(key, limitBytes: limitBytes) }
    }

    public func sha256(of key: String) async throws(LakeError) -> String {
        try await run("digest", key) { try $0.sha256(of: key) }
    }

    public func info(_ key: String) async throws(LakeError) -> ObjectInfo? {
        try await run("look at", key) { try $0.info(key) }
    }

    public func list(
        prefix: String, after marker: String?, limit: Int
    ) async throws(LakeError) -> [ObjectInfo] {
        let listing = DirectoryListing(prefix: prefix, marker: marker, limit: limit)
        return try await run("list", nil) { try listing.read(in: $0) }
    }

    public func move(_ source: String, to target: String) async throws(LakeError) -> Bool {
        try LakeKeys.verify(target, during: "move")
        return try await run("move", source) { try $0.move(source, to: target) }
    }

    public func delete(_ keys: [String]) async throws(LakeError) {
        for key in keys { try LakeKeys.verify(key, during: "delete") }
        try await run("delete", nil) { try $0.delete(keys) }
    }

    public func location(of key: String) -> String {
        "\(tree.root)/\(key)"
    }

    public func scratch() async throws(LakeError) -> String {
        try await run("open scratch", nil) { try $0.scratch() }
    }

    public func removeLeftovers(before date: Date) async throws(LakeError) -> [String] {
        try await run("tidy up", nil) { try $0.removeLeftovers(before: date) }
    }

    public func check() async throws(LakeError) {
        guard !fullness.isRecent else {
            throw LakeError(.full, during: "check lake", "there was no room a moment ago")
        }
        try await run("check lake", nil, on: probe) { try $0.check() }
    }

    /// Runs blocking steps on a lane and gives their failures the lake's words.
    private func run<Value: Sendable>(
        _ operation: String, _ key: String?, on other: LanePool? = nil,
        _ body: @escaping @Sendable (DirectoryTree) throws -> Value
    ) async throws(LakeError) -> Value {
        if let key { try LakeKeys.verify(key, during: operation) }
        do {
            return try await (other ?? lanes).run { [tree] in try body(tree) }
        } catch let error as LakeError {
            throw error
        } catch let error as FileError {
            if error.isFull && other == nil { fullness.note() }
            throw LakeError(error, during: operation)
        } catch {
            throw LakeError(.unreachable, during: operation, "\(error)")
        }
    }
}
