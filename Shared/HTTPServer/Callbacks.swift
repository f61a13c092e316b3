import CMicroHTTPD
import Foundation

// What the C library calls on its thread. Top-level and isolated to nothing: a closure made on the
// main actor would stop the process there.

/// Called at least twice for each request: for its headers, for each piece of its body, for its
/// end, and again when a suspended connection goes on.
func takeRequest(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ path: UnsafePointer<CChar>?, _ method: UnsafePointer<CChar>?,
    _ version: UnsafePointer<CChar>?, _ upload: UnsafePointer<CChar>?,
    _ uploadBytes: UnsafeMutablePointer<Int>?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context, let connection, let path, let method, let uploadBytes, let slot else {
        return .NO
    }
    let inbox = Unmanaged<HTTPInbox>.fromOpaque(context).takeUnretainedValue()
    guard let known = slot.pointee else {
        let exchange = HTTPExchange(connection, begin(connection, path, method))
        // Given back by `endRequest`, which the library calls once for each request.
        slot.pointee = Unmanaged.passRetained(exchange).toOpaque()
        return .YES
    }
    let exchange = Unmanaged<HTTPExchange>.fromOpaque(known).takeUnretainedValue()
    if uploadBytes.pointee > 0 {
        let piece = UnsafeRawBufferPointer(start: upload, count: uploadBytes.pointee)
        uploadBytes.pointee = 0
        // The library takes an answer only at the end, so the rest is read and dropped.
        let fits = exchange.append(piece, limit: inbox.bodyLimitBytes)
        if !fits { exchange.answer(.tooLarge) }
        return .YES
    }
    if let response = exchange.response { return send(response, of: exchange, to: connection) }
    guard inbox.accept(exchange) else {
        return send(.stopping, of: exchange, to: connection)
    }
    exchange.suspend()
    return .YES
}

/// Called when a request is over, well or not.
func endRequest(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ how: MHD_RequestTerminationCode
) {
    guard let known = slot?.pointee else { return }
    slot?.pointee = nil
    let exchange = Unmanaged<HTTPExchange>.fromOpaque(known).takeRetainedValue()
    exchange.end()
}

/// Called for the next bytes of a body that is not given whole.
private func readBody(
    _ context: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?,
    _ limit: Int
) -> Int {
    guard let context, let buffer else { return endWithError }
    let body = Unmanaged<HTTPBody>.fromOpaque(context).takeUnretainedValue()
    guard let piece = body.next(at: Int(position), limit: limit) else { return endWithError }
    piece.withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(start: buffer, count: limit).copyMemory(from: bytes)
    }
    return piece.count
}

private func forgetBody(_ context: UnsafeMutableRawPointer?) {
    guard let context else { return }
    Unmanaged<HTTPBody>.fromOpaque(context).release()
}

/// MHD_CONTENT_READER_END_WITH_ERROR, a cast that is not imported.
private let endWithError = -2

private func begin(
    _ connection: OpaquePointer, _ path: UnsafePointer<CChar>, _ method: UnsafePointer<CChar>
) -> HTTPServerRequest {
    HTTPServerRequest(
        method: String(cString: method), path: String(cString: path),
        query: values(of: connection, .GET_ARGUMENT_KIND),
        headers: Dictionary(
            values(of: connection, .HEADER_KIND).map { ($0.key.lowercased(), $0.value) },
            uniquingKeysWith: { _, last in last }), body: Data())
}

private func values(
    of connection: OpaquePointer, _ kind: MHD_ValueKind
) -> [String: String] {
    var found: [String: String] = [:]
    withUnsafeMutablePointer(to: &found) { pointer in
        _ = MHD_get_connection_values(connection, kind, collectValue, pointer)
    }
    return found
}

private func collectValue(
    _ context: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
    _ value: UnsafePointer<CChar>?
) -> MHD_Result {
    guard let context, let name else { return .NO }
    let found = context.assumingMemoryBound(to: [String: String].self)
    found.pointee[String(cString: name)] = value.map { String(cString: $0) } ?? ""
    return .YES
}

private func send(
    _ response: HTTPServerResponse, of exchange: HTTPExchange, to connection: OpaquePointer
) -> MHD_Result {
    guard let made = make(response, of: exchange) else { return .NO }
    defer { MHD_destroy_response(made) }
    MHD_add_response_header(made, "Content-Type", response.contentType)
    for (name, value) in response.headers { MHD_add_response_header(made, name, value) }
    return MHD_queue_response(connection, UInt32(response.status), made)
}

private func make(
    _ response: HTTPServerResponse, of exchange: HTTPExchange
) -> OpaquePointer? {
    guard case .whole = response.delivery else {
        // Given back by `forgetBody`, which the library calls once for each response.
        let body = Unmanaged.passRetained(HTTPBody(response, of: exchange)).toOpaque()
        return MHD_create_response_from_callback(
            UInt64(response.body.count), 16 << 10, readBody, body, forgetBody)
    }
    return response.body.withUnsafeBytes { bytes in
        MHD_create_response_from_buffer(
            bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress),
            .RESPMEM_MUST_COPY)
    }
}
