import Foundation

/// Finds the servers' programs, which Debian keeps out of PATH.
public enum ServerPrograms {
    /// The RabbitMQ server's own start script; the one in PATH starts the system's node.
    public static func broker() throws(StackError) -> String {
        let places = [
            "/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/rabbitmq/sbin/rabbitmq-server",
        ]
        guard let path = places.first(where: FileManager.default.isExecutableFile) else {
            throw StackError("the RabbitMQ server is not installed", try: "make setup")
        }
        return path
    }

    /// The folder with `postgres` and `initdb`.
    /// - Parameter version: The major version that a cluster needs; nil for the newest.
    public static func warehouse(version: String? = nil) throws(StackError) -> String {
        let root = "/usr/lib/postgresql"
        // No such folder means none installed.
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let sorted = versions.compactMap(Int.init).sorted(by: >).map(String.init)
        let wanted = version.map { [$0] } ?? sorted
        let places = wanted.map { "\(root)/\($0)/bin" } + ["/usr/local/pgsql/bin"]
        let found = places.first {
            FileManager.default.isExecutableFile(atPath: $0 + "/postgres")
                && FileManager.default.isExecutableFile(atPath: $0 + "/initdb")
        }
        guard let found else {
            let name = version.map { "PostgreSQL \($0)" } ?? "the PostgreSQL server"
            throw StackError("\(name) is not installed", try: "make setup")
        }
        return found
    }

    /// The `duckdb` to use: `MILLRACE_DUCKDB`, or what `make setup` put into `.tools` of this
    /// package, or the one in PATH; nil when there is none.
    public static func engine() -> String? {
        let environment = ProcessInfo.processInfo.environment
        if let given = environment["MILLRACE_DUCKDB"] { return given }
        let files = FileManager.default
        var folder = StackFolder(ownFolder).path
        while folder != "/" && !folder.isEmpty {
            let path = folder + "/.tools/bin/duckdb"
            if files.isExecutableFile(atPath: path) { return path }
            folder = URL(filePath: folder).deletingLastPathComponent().path(percentEncoded: false)
            if folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        }
        let search = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/duckdb" }
        return search.first(where: files.isExecutableFile)
    }

    /// The folder of the running executable, where the services' executables are, too.
    public static var ownFolder: String {
        // /proc is how Linux answers this, links resolved.
        let path = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return path.deletingLastPathComponent().path(percentEncoded: false)
    }
}
