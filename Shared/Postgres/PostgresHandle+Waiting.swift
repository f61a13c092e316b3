import CPostgres
import Glibc

/// libpq's calls that wait would wait for ever for a server that hangs; these look up in between.
extension PostgresHandle {
    /// Waits for the end of what was sent: the last result, or the first that is an error. A COPY
    /// that can begin is an end.
    func result(_ call: inout ServerCall) throws -> PostgresResult? {
        var kept: PostgresResult?
        var hasFailed = false
        while let result = try nextResult(&call) {
            if result.status == PGRES_COPY_IN { return result }
            if hasFailed { continue }
            hasFailed = result.status == PGRES_FATAL_ERROR
            kept = consume result
        }
        return kept
    }

    /// Waits until everything that was given to libpq is on its way.
    func flush(_ call: inout ServerCall) throws {
        while true {
            let rest = PQflush(raw)
            if rest == 0 { return }
            // The server may have said why before it closed: that is to be read.
            if rest < 0 { return }
            // A server that waits for us to read its answer reads nothing itself.
            try pause(Int16(POLLIN | POLLOUT), &call)
            if wait(for: PQsocket(raw), Int16(POLLIN), milliseconds: 0), PQconsumeInput(raw) != 1 {
                return
            }
        }
    }

    private func nextResult(_ call: inout ServerCall) throws -> PostgresResult? {
        try flush(&call)
        while PQisBusy(raw) == 1 {
            try pause(Int16(POLLIN), &call)
            // After a broken connection `PQgetResult` tells of it.
            if PQconsumeInput(raw) != 1 { break }
        }
        return PQgetResult(raw).map { PostgresResult($0) }
    }

    private func pause(_ events: Int16, _ call: inout ServerCall) throws {
        repeat {
            try call.look()
        } while !wait(for: PQsocket(raw), events, milliseconds: 100)
    }
}
