import CPostgres

/// Where a PostgreSQL database is and who asks: what a `postgres://` URL says, and a password.
public struct PostgresAddress: Sendable, Equatable, CustomStringConvertible {
    /// libpq's connection parameters, by keyword.
    private(set) var parameters: [String: String]

    /// - Parameters:
    ///   - url: `postgres://user@host:port/database?…`; a socket's folder may be given as `host=`.
    ///   - password: Kept out of the URL, so that the URL can be shown.
    /// - Throws: `PostgresError` that says what is wrong with the URL, without repeating it.
    public init(url: String, password: String?) throws(PostgresError) {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw PostgresError(.address, "the URL must start with `postgres://`")
        }
        parameters = try Self.parse(url)
        if let password { parameters["password"] = password }
    }

    /// The database's name.
    public var database: String { parameters["dbname"] ?? parameters["user"] ?? "" }

    /// The same server and user, another database.
    public func database(_ name: String) -> PostgresAddress {
        var other = self
        other.parameters["dbname"] = name
        return other
    }

    /// `host:port/database`, without user and password.
    public var description: String {
        "\(parameters["host"] ?? "localhost"):\(parameters["port"] ?? "5432")/\(database)"
    }

    private static func parse(_ url: String) throws(PostgresError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            defer { PQfreemem(message) }
            throw PostgresError(.address, message.map { String(cString: $0) } ?? "out of memory")
        }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                parameters[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        return parameters
    }
}
