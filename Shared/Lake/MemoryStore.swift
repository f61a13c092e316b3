import Events
public import Foundation
import Synchronization

/// A lake in memory, for tests.
///
/// `location(of:)` names no file, and `scratch()` is the host's folder for temporary files.
public final class MemoryStore: ObjectStore {
    private struct Object {
        let key: String
        let bytes: Data
        let modifiedAt = Date()

        var info: ObjectInfo {
            ObjectInfo(key: key, bytes: bytes.count, modifiedAt: modifiedAt)
        }
    }

    // By the keys' bytes: strings are equal when they look the same, keys are not.
    private let objects = Mutex<[[UInt8]: Object]>([:])

    public init() {}

    public func put(_ bytes: Data, at key: String) async throws(LakeError) {
        try LakeKeys.verify(key, during: "put")
        objects.withLock { $0[Array(key.utf8)] = Object(key: key, bytes: bytes) }
    }

    public func putIfAbsent(_ bytes: Data, at key: String) async throws(LakeError) -> Bool {
        try LakeKeys.verify(key, during: "put")
        return objects.withLock { objects in
            guard objects[Array(key.utf8)] == nil else { return false }
            objects[Array(key.utf8)] = Object(key: key, bytes: bytes)
            return true
        }
    }

    public func put(fileAt path: String, at key: String) async throws(LakeError) {
        try LakeKeys.verify(key, during: "put")
        guard FileManager.default.fileExists(atPath: path) else {
            throw LakeError(.notFound, during: "put", "there is no file `\(path)`")
        }
        do {
            try await put(Data(contentsOf: URL(fileURLWithPath: path)), at: key)
            try FileManager.default.removeItem(atPath: path)
        } catch let error as LakeError {
            throw error
        } catch {
            throw LakeError(.refused, during: "put", "`\(path)`: \(error)")
        }
    }

    public func get(_ key: String, limitBytes: Int) async throws(LakeError) -> Data {
        try LakeKeys.verify(key, during: "get")
        guard let object = objects.withLock({ $0[Array(key.utf8)] }) else {
            throw LakeError(.notFound, during: "get", "there is no object `\(key)`")
        }
        guard object.bytes.count <= limitBytes else {
            throw LakeError(
                .refused, during: "get",
                "`\(key)` has \(object.bytes.count) bytes, more than the \(limitBytes) allowed here"
            )
        }
        return object.bytes
    }

    public func sha256(of key: String) async throws(LakeError) -> String {
        SHA256.hex(of: try await get(key, limitBytes: .max))
    }

    public func info(_ key: String) async throws(LakeError) -> ObjectInfo? {
        try LakeKeys.verify(key, during: "look at")
        return objects.withLock { $0[Array(key.utf8)]?.info }
    }

    public func list(
        prefix: String, after marker: String?, limit: Int
    ) async throws(LakeError) -> [ObjectInfo] {
        let parents = prefix.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        if !parents.isEmpty {
            try LakeKeys.verify(parents.joined(separator: "/"), during: "list")
        }
        return objects.withLock { objects in
            objects.filter { key, _ in
                key.starts(with: prefix.utf8)
                    && marker.map { $0.utf8.lexicographicallyPrecedes(key) } ?? true
            }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .prefix(max(0, limit)).map(\.value.info)
        }
    }

    public func move(_ source: String, to target: String) async throws(LakeError) -> Bool {
        try LakeKeys.verify(target, during: "move")
        try LakeKeys.verify(source, during: "move")
        let moved = objects.withLock { objects -> Bool? in
            guard let object = objects[Array(source.utf8)] else { return false }
            guard objects[Array(target.utf8)] == nil else { return nil }
            objects[Array(source.utf8)] = nil
            objects[Array(target.utf8)] = Object(key: target, bytes: object.bytes)
            return true
        }
        guard let moved else {
            throw LakeError(.exists, during: "move", "there is an object `\(target)` already")
        }
        return moved
    }

    public func delete(_ keys: [String]) async throws(LakeError) {
        for key in keys { try LakeKeys.verify(key, during: "delete") }
        objects.withLock { objects in
            for key in keys { objects[Array(key.utf8)] = nil }
        }
    }

    public func location(of key: String) -> String { "memory:/\(key)" }

    public func scratch() async throws(LakeError) -> String {
        FileManager.default.temporaryDirectory.path
    }

    public func removeLeftovers(before date: Date) async throws(LakeError) -> [String] { [] }

    public func check() async throws(LakeError) {}
}
