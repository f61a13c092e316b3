import CPostgres
import Glibc

extension PostgresHandle {
    /// Larger pieces are not faster: the server is what takes the time.
    private static let pieceBytes = 256 * 1024

    /// Sends everything that `descriptor` gives to a `COPY … FROM STDIN`.
    func copyIn(
        _ sql: String, from descriptor: Int32, _ patience: ServerCall.Patience
    ) throws -> Int {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.pieceBytes, alignment: 16)
        defer { buffer.deallocate() }
        return try copyIn(sql, patience) { call in
            while let piece = try read(descriptor, buffer, &call) {
                if try !put(piece, &call) { return }
            }
        }
    }

    /// Sends these bytes to a `COPY … FROM STDIN`.
    func copyIn(
        _ sql: String, _ bytes: ArraySlice<UInt8>, _ patience: ServerCall.Patience
    ) throws -> Int {
        try copyIn(sql, patience) { call in
            try bytes.withUnsafeBytes { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceBytes))
                    if try !put(piece, &call) { return }
                    rest = rest.dropFirst(piece.count)
                }
            }
        }
    }

    private func copyIn(
        _ sql: String, _ patience: ServerCall.Patience,
        _ send: (inout ServerCall) throws -> Void
    ) throws -> Int {
        guard PQsendQuery(raw, sql) == 1 else { throw connectionError }
        var call = call(patience)
        _ = try checked(try result(&call), [PGRES_COPY_IN])
        do {
            try send(&call)
        } catch {
            breakOff()
            throw error
        }
        // On failure the results say why.
        PQputCopyEnd(raw, nil)
        return try checked(try result(&call), [PGRES_COMMAND_OK]).touchedRows
    }

    /// Ends a COPY whose input is not whole.
    private func breakOff() {
        var end = call(ServerCall.Patience(limit: .seconds(5), isStoppable: false))
        do {
            PQputCopyEnd(raw, "the input broke off")
            _ = try result(&end)
        } catch {
            // The connection is given up. Like the server's answer, which repeats what broke off,
            // this says less than the error of whoever calls.
        }
    }

    /// - Returns: False when the server ended the COPY early; its result says why.
    private func put(_ piece: UnsafeRawBufferPointer, _ call: inout ServerCall) throws -> Bool {
        guard PQputCopyData(raw, piece.baseAddress, Int32(piece.count)) == 1 else { return false }
        try flush(&call)
        return true
    }

    /// - Returns: Nil at the end of the input.
    private func read(
        _ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, _ call: inout ServerCall
    ) throws -> UnsafeRawBufferPointer? {
        while true {
            // A pipe may be silent for long: look up for a stop in between.
            repeat {
                try Task.checkCancellation()
                try call.look()
            } while !wait(for: descriptor, Int16(POLLIN), milliseconds: 100)
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 { return UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
            if count == 0 { return nil }
            guard errno == EINTR else {
                let reason = String(cString: strerror(errno))
                throw PostgresError(.input, "the bytes to copy cannot be read: \(reason)")
            }
        }
    }
}
