import CPostgres
import Glibc

extension PostgresHandle {
    /// Larger pieces are not faster: the server is what takes the time.
    private static let pieceBytes = 256 * 1024

    /// Sends everything that `descriptor` gives to a `COPY … FROM STDIN`.
    func copyIn(_ sql: String, from descriptor: Int32) throws -> Int {
        _ = try checked(PQexec(raw, sql), [PGRES_COPY_IN])
        do {
            try sendAll(of: descriptor)
        } catch {
            // The server answers with an error that repeats ours; ours is the one to tell.
            PQputCopyEnd(raw, "the input broke off")
            drain()
            throw error
        }
        // On failure the results say why.
        PQputCopyEnd(raw, nil)
        let rows = try checked(PQgetResult(raw), [PGRES_COMMAND_OK]).touchedRows
        drain()
        return rows
    }

    private func sendAll(of descriptor: Int32) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.pieceBytes, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            // A pipe may be silent for long: look up for a stop in between.
            repeat {
                try Task.checkCancellation()
            } while !wait(for: descriptor, Int16(POLLIN), milliseconds: 100)
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let reason = String(cString: strerror(errno))
                throw PostgresError(.input, "the bytes to copy cannot be read: \(reason)")
            }
            // The server ended the COPY early; its result says why.
            if PQputCopyData(raw, buffer.baseAddress, Int32(count)) != 1 { return }
        }
    }

    private func drain() {
        while let result = PQgetResult(raw) { PQclear(result) }
    }
}
