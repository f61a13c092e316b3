public import Broker
import Foundation

/// The passwords of the broker's users in a folder: one file for each, named after the user, that
/// only its owner can read.
public struct PasswordFolder: BrokerPasswords {
    private let path: String

    /// - Parameter path: Made, for this user only, when it is not there.
    public init(_ path: String) {
        self.path = path
    }

    public func place(of user: String) -> String { "\(path)/\(user)" }

    public func password(of user: String) throws -> String? { try Secret.read(place(of: user)) }

    public func makePassword(of user: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        return try Secret.ensure(at: place(of: user))
    }
}
