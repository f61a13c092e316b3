import Foundation
import Lake
import Synchronization

/// A lake whose user is killed at one of its steps: the step is done or not, and then nothing is.
final class FaultyStore: ObjectStore {
    struct Death: Sendable {
        /// Counted from 0, reads not among them.
        var step: Int
        var isAfter: Bool
    }

    private struct State {
        var steps = 0
        var isDead = false
    }

    private let lake: any ObjectStore
    private let death: Death
    private let state = Mutex(State())

    init(_ lake: any ObjectStore, _ death: Death) {
        self.lake = lake
        self.death = death
    }

    var isDead: Bool { state.withLock { $0.isDead } }

    private func step<Value: Sendable>(
        _ body: () async throws(LakeError) -> Value
    ) async throws(LakeError) -> Value {
        let number = state.withLock { state in
            defer { state.steps += 1 }
            return state.steps
        }
        try live()
        guard number == death.step else { return try await body() }
        if death.isAfter { _ = try await body() }
        state.withLock { $0.isDead = true }
        throw LakeError(.unreachable, during: "die", "killed at step \(number)")
    }

    private func live() throws(LakeError) {
        if isDead { throw LakeError(.unreachable, during: "die", "killed before") }
    }

    func put(_ bytes: Data, at key: String) async throws(LakeError) {
        try await step { () async throws(LakeError) in try await lake.put(bytes, at: key) }
    }
    func putIfAbsent(_ bytes: Data, at key: String) async throws(LakeError) -> Bool {
        try await step { () async throws(LakeError) in
            try await lake.putIfAbsent(bytes, at: key)
        }
    }
    func put(fileAt path: String, at key: String) async throws(LakeError) {
        try await step { () async throws(LakeError) in try await lake.put(fileAt: path, at: key) }
    }
    func move(_ source: String, to target: String) async throws(LakeError) -> Bool {
        try await step { () async throws(LakeError) in try await lake.move(source, to: target) }
    }
    func delete(_ keys: [String]) async throws(LakeError) {
        try await step { () async throws(LakeError) in try await lake.delete(keys) }
    }
    func get(_ key: String, limitBytes: Int) async throws(LakeError) -> Data {
        try live()
        return try await lake.get(key, limitBytes: limitBytes)
    }
    func sha256(of key: String) async throws(LakeError) -> String {
        try live()
        return try await lake.sha256(of: key)
    }
    func info(_ key: String) async throws(LakeError) -> ObjectInfo? {
        try live()
        return try await lake.info(key)
    }
    func list(
        prefix: String, after marker: String?, limit: Int
    ) async throws(LakeError) -> [ObjectInfo] {
        try live()
        return try await lake.list(prefix: prefix, after: marker, limit: limit)
    }
    func location(of key: String) -> String { lake.location(of: key) }
    func scratch() async throws(LakeError) -> String { try await lake.scratch() }
    func removeLeftovers(before date: Date) async throws(LakeError) -> [String] {
        try await lake.removeLeftovers(before: date)
    }
    func check() async throws(LakeError) { try await lake.check() }
}
