import Foundation
import Postgres
import Processes

/// A PostgreSQL cluster of our own: in one folder, on loopback only, with a password.
public struct PrivateWarehouse: RunningPart {
    /// What a cluster is started with.
    public struct Settings: Sendable {
        /// The cluster's folder.
        public var folder: String
        /// The file for its messages.
        public var log: String
        public var port: Int
        public var password: String
        /// Made when it is not there.
        public var database: String
        /// More of `postgresql.conf`, e.g. for tests.
        public var parameters: [String: String]

        public init(
            folder: String, log: String, port: Int, password: String,
            database: String = "postgres", parameters: [String: String] = [:]
        ) {
            self.folder = folder
            self.log = log
            self.port = port
            self.password = password
            self.database = database
            self.parameters = parameters
        }

        var data: String { folder + "/data" }
    }

    /// The name of its superuser.
    public static let user = "millrace"

    private let settings: Settings
    private let server: ServerProcess

    /// Makes the cluster on the first start, starts it, and returns when it takes connections.
    ///
    /// - Throws: `StackError`; nothing is left running then.
    public static func start(_ settings: Settings) async throws -> PrivateWarehouse {
        let user = try ServerUser.choose()
        if try version(settings) == nil { try await create(settings, as: user) }
        let server = try await startServer(settings, as: user)
        let warehouse = PrivateWarehouse(settings: settings, server: server)
        do {
            try await warehouse.waitUntilReady()
        } catch {
            await warehouse.stop()
            throw error
        }
        return warehouse
    }

    public var processes: [ProcessIdentity] { [server.identity] }

    /// `postgres://` URL without the password.
    public var url: String { url(of: settings.database) }

    public func ended() async -> String { await server.ended() }

    public func stop() async {
        // Fast shutdown: ends the sessions and writes everything down.
        server.child.signal(SIGINT)
        do {
            if try await server.identity.hasEnded(within: .seconds(20)) {
                _ = await server.child.stop()
                return
            }
        } catch {
            // Cancelled: there is no time for more politeness.
        }
        // Immediate shutdown: the next start reads the write-ahead log.
        server.child.signal(SIGQUIT)
        _ = await server.child.stop()
    }

    private func url(of database: String) -> String {
        "postgres://\(Self.user)@127.0.0.1:\(settings.port)/\(database)"
    }

    /// The major version of the cluster's files; nil before the first start.
    private static func version(_ settings: Settings) throws -> String? {
        let path = settings.data + "/PG_VERSION"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try String(contentsOfFile: path, encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func create(_ settings: Settings, as user: ServerUser) async throws {
        let files = FileManager.default
        // What a first start that was cut short left there.
        let new = settings.folder + "/data.new"
        if files.fileExists(atPath: new) { try files.removeItem(atPath: new) }
        try files.createDirectory(
            atPath: settings.folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let passwordFile = settings.folder + "/initial-password"
        try Secret.write(settings.password, to: passwordFile)
        defer { unlink(passwordFile) }
        try user.own(settings.folder)
        try user.own(passwordFile)

        let view = user.view(of: settings.folder)
        var command = user.command(
            try ServerPrograms.warehouse() + "/initdb",
            [
                "-D", view + "/data.new", "-U", Self.user, "--pwfile=\(view)/initial-password",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
            ], folder: settings.folder)
        command.environment = environment
        command.timeLimit = .seconds(120)
        let result = try await run(command)
        guard result.isSuccess else {
            throw StackError(
                "initdb failed: " + String(decoding: result.errorOutput, as: UTF8.self))
        }
        // Whole or not there.
        try files.moveItem(atPath: new, toPath: settings.data)
    }

    private static func startServer(
        _ settings: Settings, as user: ServerUser
    ) async throws -> ServerProcess {
        let bin = try ServerPrograms.warehouse(version: try version(settings))
        var parameters = [
            "port": "\(settings.port)", "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "", "max_connections": "200", "timezone": "UTC",
            "log_timezone": "UTC",
        ]
        parameters.merge(settings.parameters) { _, given in given }
        let flags = parameters.sorted { $0.key < $1.key }.flatMap {
            ["-c", "\($0.key)=\($0.value)"]
        }
        var command = user.command(
            bin + "/postgres", ["-D", user.view(of: settings.folder) + "/data"] + flags,
            folder: settings.folder)
        command.environment = environment
        command.output = .file(settings.log)
        command.errorOutput = .file(settings.log)
        return try await ServerProcess.start("the warehouse", command, log: settings.log)
    }

    private func waitUntilReady() async throws {
        let address = try PostgresAddress(url: url(of: "postgres"), password: settings.password)
        let pool = PostgresPool(address, size: 1, applicationName: "millrace-up")
        try await server.waitUntil(.seconds(120)) {
            do {
                try await pool.check()
                return true
            } catch {
                return false
            }
        }
        let known = try await pool.query(
            "select 1 from pg_database where datname = $1", [settings.database])
        if known.isEmpty {
            _ = try await pool.query("create database \(quotedIdentifier(settings.database))")
        }
    }

    private static let environment = [
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
    ]
}
