import Foundation

/// The folder that holds everything of one local stack, and what is where in it.
public struct StackFolder: Sendable, Equatable {
    /// Absolute.
    public let path: String

    /// - Parameter path: Absolute, or relative to the working folder.
    public init(_ path: String) {
        self.path = Self.absolute(path)
    }

    /// The same folder, wherever the one stands who reads it.
    public static func absolute(_ path: String) -> String {
        let absolute = URL(filePath: path, directoryHint: .isDirectory)
            .standardizedFileURL.path(percentEncoded: false)
        return absolute.count > 1 && absolute.hasSuffix("/")
            ? String(absolute.dropLast()) : absolute
    }

    /// What runs now; absent while nothing does.
    public var state: String { path + "/stack.json" }
    /// Held by the supervisor as long as it lives.
    public var lock: String { path + "/stack.lock" }
    /// Chosen once, so that addresses stay the same.
    public var ports: String { path + "/ports.json" }
    public var secrets: String { path + "/secrets" }
    public var logs: String { path + "/logs" }
    public var broker: String { path + "/broker" }
    public var warehouse: String { path + "/warehouse" }
    public var lake: String { path + "/lake" }
    public var spool: String { path + "/spool" }
    public var inbox: String { path + "/inbox" }
    public var scratch: String { path + "/scratch" }

    /// The file of a secret, e.g. `broker-password`.
    public func secret(_ name: String) -> String { "\(secrets)/\(name)" }
    /// The log file of a part, e.g. `loader`.
    public func log(_ part: String) -> String { "\(logs)/\(part).log" }

    /// The settings of a service and, for the transformer, the key for personal data: one that is
    /// made for this stack, unless the settings name another.
    func withPersonalKey(
        _ environment: [String: String], of service: StackPart
    ) throws -> [String: String] {
        let name = "MILLRACE_PERSONAL_KEY_FILE"
        guard service == .transformer, environment[name] == nil else { return environment }
        let file = secret("personal-key")
        _ = try Secret.ensure(at: file)
        return environment.merging([name: file]) { own, _ in own }
    }

    /// Makes the folder and those below it that every stack has, for this user only.
    public func prepare() throws {
        for folder in [path, secrets, logs, lake, spool, inbox, scratch] {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
    }
}
