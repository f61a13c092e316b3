public import Foundation

/// What runs of a stack: the file `stack.json`, written by the supervisor and read by everybody.
public struct StackState: Codable, Sendable {
    /// What a part is doing.
    public enum Condition: String, Codable, Sendable { case starting, ready, restarting, stopped }

    /// One part as it is now.
    public struct Part: Codable, Sendable {
        public var condition: Condition
        public var processes: [ProcessIdentity]
        /// Of its first listener; nil for what was given by URL.
        public var port: Int?
        public var restarts: Int
        public var since: Date
    }

    public var supervisor: ProcessIdentity
    public var startedAt: Date
    /// True once every part was ready.
    public var isReady = false
    public var addresses: StackAddresses?
    /// By `StackPart`'s name.
    public var parts: [String: Part] = [:]

    /// The state of the stack in that folder; nil when nothing is recorded.
    public static func read(_ folder: StackFolder) throws -> StackState? {
        guard FileManager.default.fileExists(atPath: folder.state) else { return nil }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            let bytes = try Data(contentsOf: URL(filePath: folder.state))
            return try decoder.decode(StackState.self, from: bytes)
        } catch CocoaError.fileReadNoSuchFile {
            // Removed between the two.
            return nil
        }
    }

    /// Replaces the file in one step.
    func write(_ folder: StackFolder) throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: URL(filePath: folder.state), options: .atomic)
    }

    /// Every process that is recorded, the supervisor aside.
    var processes: [ProcessIdentity] { parts.values.flatMap(\.processes) }
}
