import Events

/// What the codes of PostgreSQL's errors (manual, appendix A) mean for whoever may try again.
enum SQLState {
    /// What becomes of an event that met the code, by code or class of codes; a code comes before
    /// its class. Codes that are not here stay as they are until somebody changes something.
    static let meanings: [(prefix: String, disposition: Disposition, meaning: String)] = [
        ("08", .transient, "connection exceptions"),
        ("25006", .transient, "read only: a failover is under way"),
        ("25P03", .transient, "the session was ended: its transaction was idle for too long"),
        ("40", .transient, "deadlock, serialization failure"),
        ("53", .transient, "out of memory, of disk, of connections, of a configured limit"),
        ("55006", .transient, "object in use"),
        ("55P03", .transient, "a lock was not to be had in time"),
        ("57", .transient, "shutdown, crash, start-up, cancelled by an operator or a time limit"),
        ("57P04", .permanent, "the database was dropped"),
        ("58", .transient, "the server's own input and output"),
        ("58P01", .permanent, "a file of the server is missing"),
        ("72", .transient, "snapshot too old"),
        ("XX000", .transient, "internal: mostly the catalog, changed at the same moment"),
    ]

    /// What becomes of an event that met the code.
    static func disposition(of code: String) -> Disposition {
        let fitting = meanings.filter { code.hasPrefix($0.prefix) }
        return fitting.max { $0.prefix.count < $1.prefix.count }?.disposition ?? .permanent
    }

    /// True for what is wrong with the values of one row, and not with the statement: another row
    /// may pass.
    static func isOfRow(_ code: String) -> Bool {
        // 54: too large for an index, nested too deep. 22P04 says that the COPY's form is wrong.
        ["22", "23", "54"].contains(code.prefix(2)) && code != "22P04"
    }
}
