public import Foundation

/// What is to run, and with which servers.
public struct StackPlan: Sendable {
    public var folder: StackFolder
    /// Which parts to start.
    public var parts: Set<StackPart>
    /// A broker that runs already: its URL and that of its management API; nil for a private one.
    public var broker: (url: String, api: String)?
    /// Folder with the passwords of that broker's users, one for each service; nil where all log in
    /// as the user of its URL.
    public var brokerPasswords: String?
    /// A warehouse that runs already; nil for a private one.
    public var warehouseURL: String?
    /// What services inherit.
    public var environment: [String: String]
    /// The folder with the services' programs.
    public var programs: String
    public var host: String

    public init(
        folder: StackFolder, parts: Set<StackPart> = Set(StackPart.allCases),
        broker: (url: String, api: String)? = nil, warehouseURL: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        programs: String = ServerPrograms.ownFolder
    ) {
        self.folder = folder
        self.parts = parts
        self.broker = broker
        self.warehouseURL = warehouseURL
        self.environment = environment
        self.programs = programs
        host = environment["MILLRACE_HOST"] ?? ProcessInfo.processInfo.hostName
    }

    /// Which private servers are to be started.
    var servers: [StackPart] {
        StackPart.servers.filter { server in
            parts.contains(server) && (server == .broker ? broker == nil : warehouseURL == nil)
        }
    }

    /// Which services are to be started, in order.
    var services: [StackPart] { StackPart.services.filter(parts.contains) }

    /// - Throws: `StackError` that names what does not fit together.
    func check() throws(StackError) {
        guard !services.isEmpty else { return }
        for server in StackPart.servers where !servers.contains(server) {
            let isGiven = server == .broker ? broker != nil : warehouseURL != nil
            if !isGiven {
                throw StackError(
                    "the services need a \(server.rawValue): start it too, or give "
                        + "--\(server.rawValue)-url")
            }
        }
        for service in services {
            let path = programs + "/" + service.program
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw StackError("`\(path)` is not built", try: "make build")
            }
        }
    }
}
