public import Broker
import Foundation
public import Postgres

/// Where everything of a stack is; what another process needs to work with it.
public struct StackAddresses: Codable, Sendable, Equatable {
    /// Without passwords.
    public var brokerURL: String
    public var brokerAPI: String
    public var warehouseURL: String
    /// Nil where the URL's owner gives the password in the environment.
    public var brokerPasswordFile: String?
    /// Folder with the passwords of the services' own users; nil where all services log in as the
    /// user of `brokerURL`.
    public var brokerPasswords: String?
    public var warehousePasswordFile: String?
    /// `file://` URL.
    public var lake: String
    public var spool: String
    public var inbox: String
    public var scratch: String
    /// The name that this host has in events and queue names.
    public var host: String
    /// Path of the engine's program; nil when it was not found.
    public var engine: String?

    /// What the settings of separately run services say; nil when they name neither server.
    ///
    /// An address that is not set is empty.
    public init?(_ environment: [String: String]) {
        func setting(_ name: String) -> String { environment["MILLRACE_\(name)"] ?? "" }
        if setting("BROKER_URL").isEmpty && setting("WAREHOUSE_URL").isEmpty { return nil }
        self.init(
            brokerURL: setting("BROKER_URL"), brokerAPI: setting("BROKER_API"),
            warehouseURL: setting("WAREHOUSE_URL"), brokerPasswordFile: nil, brokerPasswords: nil,
            warehousePasswordFile: nil, lake: setting("LAKE"), spool: setting("SPOOL"),
            inbox: setting("INBOX"), scratch: setting("SCRATCH"),
            host: environment["MILLRACE_HOST"] ?? ProcessInfo.processInfo.hostName,
            engine: ServerPrograms.engine())
    }

    init(
        brokerURL: String, brokerAPI: String, warehouseURL: String, brokerPasswordFile: String?,
        brokerPasswords: String?, warehousePasswordFile: String?, lake: String, spool: String,
        inbox: String,
        scratch: String, host: String, engine: String?
    ) {
        self.brokerURL = brokerURL
        self.brokerAPI = brokerAPI
        self.warehouseURL = warehouseURL
        self.brokerPasswordFile = brokerPasswordFile
        self.brokerPasswords = brokerPasswords
        self.warehousePasswordFile = warehousePasswordFile
        self.lake = lake
        self.spool = spool
        self.inbox = inbox
        self.scratch = scratch
        self.host = host
        self.engine = engine
    }

    /// The broker with its password.
    public func broker(_ environment: [String: String]) throws -> BrokerAddress {
        let variable = "MILLRACE_BROKER_PASSWORD"
        let own = try brokerPasswordFile.map(Secret.read) ?? nil
        let source = own == nil ? Self.source(variable, environment) : brokerPasswordFile
        return try BrokerAddress(
            url: brokerURL, password: own ?? Self.secret(variable, environment),
            passwordSource: source,
            certificateAuthority: environment["MILLRACE_BROKER_CA"])
    }

    /// The warehouse with its password.
    public func warehouse(_ environment: [String: String]) throws -> PostgresAddress {
        let password = try warehousePasswordFile.map(Secret.read) ?? nil
        return try PostgresAddress(
            url: warehouseURL,
            password: password ?? Self.secret("MILLRACE_WAREHOUSE_PASSWORD", environment))
    }

    /// `inherited` with the settings that tell a service the same. The service has a broker user
    /// of its own where this stack gives it one.
    func environment(
        of service: StackPart, inheriting inherited: [String: String]
    ) throws -> [String: String] {
        var environment = inherited.merging(settings) { _, own in own }
        if let folder = brokerPasswords {
            let administrator = try broker(inherited)
            let user = BrokerUser.name(of: service.rawValue, in: administrator.virtualHost)
            environment["MILLRACE_BROKER_URL"] = administrator.with(user: user).description
            environment["MILLRACE_BROKER_PASSWORD_FILE"] = PasswordFolder(folder).place(of: user)
        }
        if brokerPasswords != nil || brokerPasswordFile != nil {
            // It would win over the file.
            environment["MILLRACE_BROKER_PASSWORD"] = nil
        }
        // The secrets of sources are the capturing service's alone.
        return environment.filter { service == .ingest || !$0.key.hasPrefix("MILLRACE_SECRET_") }
    }

    private var settings: [String: String] {
        var settings = [
            "BROKER_URL": brokerURL, "BROKER_API": brokerAPI, "WAREHOUSE_URL": warehouseURL,
            "LAKE": lake, "SPOOL": spool, "INBOX": inbox, "SCRATCH": scratch, "HOST": host,
        ]
        settings["BROKER_PASSWORD_FILE"] = brokerPasswordFile
        settings["WAREHOUSE_PASSWORD_FILE"] = warehousePasswordFile
        settings["DUCKDB"] = engine
        return Dictionary(uniqueKeysWithValues: settings.map { ("MILLRACE_\($0.key)", $0.value) })
    }

    private static func source(_ name: String, _ environment: [String: String]) -> String? {
        if environment[name] != nil { return name }
        return environment[name + "_FILE"].map { "\(name)_FILE (\($0))" }
    }

    private static func secret(
        _ name: String, _ environment: [String: String]
    ) throws -> String? {
        try environment[name] ?? environment[name + "_FILE"].map(Secret.read) ?? nil
    }
}
