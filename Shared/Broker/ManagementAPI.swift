import Events
import Foundation
import Outbound

/// RabbitMQ's management API over HTTP: what AMQP itself has no words for.
public struct ManagementAPI: Sendable {
    private let base: String
    let user: String
    private let loginHint: String
    private let credentials: HTTPRequest.BasicAuth
    private let client: HTTPClient

    /// - Parameters:
    ///   - url: e.g. `http://127.0.0.1:15672`.
    ///   - address: Gives the user and the password.
    public init(url: String, as address: BrokerAddress) {
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        user = address.user
        loginHint = address.loginHint
        credentials = HTTPRequest.BasicAuth(user: address.user, password: address.password)
        client = HTTPClient(
            "broker-api", connections: 1,
            certificateAuthorities: address.certificateAuthority)
    }

    /// Makes the virtual host, when it is not there, and gives this user every right in it.
    public func createVirtualHost(_ name: String) async throws {
        try await change(.put, ["vhosts", name], ["default_queue_type": .text("quorum")])
        let all = FieldValue.text(".*")
        try await change(
            .put, ["permissions", name, user],
            ["configure": all, "write": all, "read": all])
    }

    /// Removes the virtual host with everything in it.
    public func deleteVirtualHost(_ name: String) async throws {
        try await change(.delete, ["vhosts", name])
    }

    /// Makes a user, or gives it a new password.
    ///
    /// - Parameter tags: e.g. `management`; none for a service.
    public func putUser(_ name: String, password: String, tags: [String] = []) async throws {
        try await change(
            .put, ["users", name],
            ["password": .text(password), "tags": .text(tags.joined(separator: ","))])
    }

    /// Removes a user from the whole broker.
    public func deleteUser(_ name: String) async throws {
        try await change(.delete, ["users", name])
    }

    /// What a user may declare, write and read in a virtual host, as regular expressions.
    public func putPermissions(
        of name: String, in virtualHost: String, configure: String, write: String, read: String
    ) async throws {
        try await change(
            .put, ["permissions", virtualHost, name],
            ["configure": .text(configure), "write": .text(write), "read": .text(read)])
    }

    /// The messages ready and unacknowledged in each queue of a virtual host.
    ///
    /// The numbers are some seconds old.
    public func depths(in virtualHost: String) async throws -> [String: Int] {
        Dictionary(try await queues(in: virtualHost).map { ($0.name, $0.messages) }) { $1 }
    }

    /// A queue as the broker saw it some seconds ago.
    public struct Queue: Sendable, Decodable {
        public let name: String
        /// Ready and unacknowledged.
        public let messages: Int
        public let consumers: Int

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            name = try values.decode(String.self, forKey: .name)
            messages = try values.decodeIfPresent(Int.self, forKey: .messages) ?? 0
            // One that has just been declared has no figures yet.
            consumers = try values.decodeIfPresent(Int.self, forKey: .consumers) ?? 0
        }

        private enum CodingKeys: CodingKey { case name, messages, consumers }
    }

    /// The queues of a virtual host.
    public func queues(in virtualHost: String) async throws -> [Queue] {
        try await list(["queues", virtualHost])
    }

    /// The alarms that block publishers now, e.g. `node@host: disk`; empty when all is well.
    public func alarms() async throws -> [String] {
        struct Node: Decodable {
            let name: String
            let memory: Bool?
            let disk: Bool?
            enum CodingKeys: String, CodingKey {
                case name
                case memory = "mem_alarm"
                case disk = "disk_free_alarm"
            }
        }
        let nodes: [Node] = try await list(["nodes"])
        return nodes.flatMap { node in
            [("memory", node.memory), ("disk", node.disk)]
                .filter { $0.1 == true }.map { "\(node.name): \($0.0)" }
        }
    }

    /// The names of the connections to a virtual host.
    ///
    /// - Parameter isWanted: Asked with the name that the client gave the connection.
    public func connections(
        to virtualHost: String, where isWanted: (String) -> Bool = { _ in true }
    ) async throws -> [String] {
        struct Connection: Decodable {
            let name: String
            let clientName: String?
            enum CodingKeys: String, CodingKey {
                case name
                case clientName = "user_provided_name"
            }
        }
        let all: [Connection] = try await list(["vhosts", virtualHost, "connections"])
        return all.filter { isWanted($0.clientName ?? "") }.map(\.name)
    }

    /// Breaks a connection, as a network would.
    public func closeConnection(_ name: String) async throws {
        try await change(.delete, ["connections", name])
    }

    /// - Parameter query: e.g. `disable_stats=true`.
    func list<Element: Decodable>(
        _ path: [String], query: String? = nil
    ) async throws -> [Element] {
        var tries = 3
        while true {
            do {
                let response = try await send(.get, path, query: query, body: nil)
                return try EventJSON.decode([Element].self, from: response.body)
            } catch let error as BrokerError where error.isHiccup && tries > 1 {
                tries -= 1
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    func change(
        _ method: HTTPRequest.Method, _ path: [String], _ body: [String: FieldValue]? = nil
    ) async throws {
        _ = try await send(method, path, body: body.map { try EventJSON.encode($0) })
    }

    func send(
        _ method: HTTPRequest.Method, _ path: [String], query: String? = nil, body: Data?
    ) async throws -> HTTPResponse {
        let url =
            base + "/api/" + path.map(Self.escaped).joined(separator: "/")
            + (query.map { "?\($0)" } ?? "")
        let response = try await client.send(
            HTTPRequest(
                method, url, headers: [("content-type", "application/json")], body: body,
                basicAuth: credentials))
        guard response.isSuccess else { throw error(response, path) }
        return response
    }

    private func error(_ response: HTTPResponse, _ path: [String]) -> BrokerError {
        let kind: BrokerError.Kind =
            switch response.status {
            case 401, 403: .refused
            case 400, 404: .topology
            default: .unreachable
            }
        let text = String(decoding: response.body.prefix(300), as: UTF8.self)
        let error = BrokerError(
            kind, during: "manage /\(path.joined(separator: "/"))", text,
            replyCode: response.status)
        return response.status == 401
            ? error.adding(
                "\(loginHint); it needs the tag `management`, to change anything the "
                    + "tag `administrator`")
            : error
    }

    private static func escaped(_ part: String) -> String {
        part.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? part
    }
}

extension BrokerError {
    /// The API asks each queue and answers 500 when one of a busy host takes too long.
    fileprivate var isHiccup: Bool { (replyCode ?? 0) / 100 == 5 }
}
