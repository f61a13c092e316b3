import Events
import Foundation

/// Who may use a virtual host of the broker now.
struct LiveUsers: Sendable {
    struct User: Sendable {
        let tags: Set<String>
        /// As the broker keeps the password: base64 of a salt and a digest.
        let hash: String
        /// e.g. `rabbit_password_hashing_sha256`.
        let algorithm: String
    }

    var users: [String: User] = [:]
    /// In the virtual host, by user.
    var permissions: [String: BrokerUser.Permission] = [:]

    init() {}

    /// - Throws: `BrokerError` (refused) when the caller is no administrator.
    init(reading api: ManagementAPI, virtualHost: String, exists: Bool) async throws {
        let users: [UserRow] = try await api.list(["users"])
        self.users = Dictionary(users.map { ($0.name, $0.user) }) { $1 }
        guard exists else { return }
        let permissions: [PermissionRow] = try await api.list([
            "vhosts", virtualHost, "permissions",
        ])
        self.permissions = Dictionary(permissions.map { ($0.user, $0.permission) }) { $1 }
    }

    private struct UserRow: Decodable {
        let name: String
        let tags: [String]
        let password_hash: String?
        let hashing_algorithm: String?
        var user: User {
            User(
                tags: Set(tags), hash: password_hash ?? "", algorithm: hashing_algorithm ?? "")
        }
    }

    private struct PermissionRow: Decodable {
        let user: String
        let configure: String
        let write: String
        let read: String
        var permission: BrokerUser.Permission {
            BrokerUser.Permission(configure: configure, write: write, read: read)
        }
    }
}

extension LiveUsers.User {
    /// Whether that is its password; nil when the broker keeps it in a way that we do not know.
    func has(password: String) -> Bool? {
        guard algorithm == "rabbit_password_hashing_sha256",
            let bytes = Data(base64Encoded: hash), bytes.count == 36
        else { return nil }
        let digest = SHA256.hex(of: bytes.prefix(4) + Data(password.utf8))
        return digest == bytes.dropFirst(4).map { String(hex: $0) }.joined()
    }
}

extension String {
    fileprivate init(hex byte: UInt8) {
        let digits = String(byte, radix: 16)
        self = digits.count == 1 ? "0" + digits : digits
    }
}
