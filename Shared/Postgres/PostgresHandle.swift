import CPostgres
import Glibc

/// An open connection of libpq's, closed when it goes out of scope. Every call blocks: it is used
/// on the lane of the actor that owns it, and nowhere else.
struct PostgresHandle: ~Copyable {
    let raw: OpaquePointer

    private let door: CancelDoor

    /// Connects.
    ///
    /// - Throws: `PostgresError` (unreachable) also when `timeout` is over; `CancellationError`.
    init(
        _ address: PostgresAddress, applicationName: String, limits: PostgresLimits,
        timeout: Duration
    ) throws {
        var parameters = Self.defaults
        parameters["application_name"] = applicationName
        parameters.merge(address.parameters) { _, given in given }
        // The later setting counts.
        parameters["options"] = [limits.options, address.parameters["options"]]
            .compactMap(\.self).joined(separator: " ")
        let keys = Array(parameters.keys)
        let started = try withCStrings(keys) { keys in
            try withCStrings(Array(parameters.values)) { PQconnectStartParams(keys, $0, 0) }
        }
        guard let raw = started else { throw PostgresError(.unreachable, "out of memory") }
        do {
            try Self.finishConnecting(raw, by: .now + timeout)
        } catch {
            PQfinish(raw)
            throw error
        }
        PQsetNoticeProcessor(raw, ignoreNotice, nil)
        PQsetnonblocking(raw, 1)
        self.raw = raw
        door = CancelDoor(raw)
    }

    deinit { PQfinish(raw) }

    /// False once libpq or the socket says that the other side is gone, and when a call was given
    /// up or a request to stop one still wanders about.
    var isAlive: Bool {
        guard PQstatus(raw) == CONNECTION_OK, door.isQuiet(within: .seconds(5)),
            PQtransactionStatus(raw) != PQTRANS_ACTIVE
        else { return false }
        // An idle connection that has something to read has usually been told that it is over.
        guard wait(for: PQsocket(raw), Int16(POLLIN), milliseconds: 0) else { return true }
        return PQconsumeInput(raw) == 1 && PQstatus(raw) == CONNECTION_OK
    }

    /// True outside of any transaction and command.
    var isIdle: Bool { PQtransactionStatus(raw) == PQTRANS_IDLE }

    /// One statement with bound parameters.
    func query(
        _ sql: String, _ parameters: [String?], _ patience: ServerCall.Patience
    ) throws -> PostgresResult {
        let sent = try withCStrings(parameters) {
            PQsendQueryParams(raw, sql, Int32(parameters.count), nil, $0, nil, nil, 0)
        }
        guard sent == 1 else { throw connectionError }
        return try answer(patience)
    }

    /// Several statements, separated by `;`; the last one's result.
    func execute(_ sql: String, _ patience: ServerCall.Patience) throws -> PostgresResult {
        guard PQsendQuery(raw, sql) == 1 else { throw connectionError }
        return try answer(patience)
    }

    private func answer(_ patience: ServerCall.Patience) throws -> PostgresResult {
        var call = call(patience)
        let expected = [PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY]
        return try checked(try result(&call), expected)
    }

    /// A call that is about to be made.
    func call(_ patience: ServerCall.Patience) -> ServerCall { ServerCall(door, patience) }

    /// Throws what the server or libpq says is wrong.
    func checked(
        _ result: consuming PostgresResult?, _ expected: [ExecStatusType]
    ) throws(PostgresError) -> PostgresResult {
        guard let result else { throw connectionError }
        if expected.contains(result.status) { return result }
        throw result.error(isOver: PQstatus(raw) != CONNECTION_OK)
    }

    /// What libpq says of the connection itself.
    var connectionError: PostgresError {
        PostgresError(.unreachable, Self.firstLine(PQerrorMessage(raw)))
    }

    private static func finishConnecting(
        _ raw: OpaquePointer, by deadline: ContinuousClock.Instant
    ) throws {
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard state != PGRES_POLLING_FAILED, PQstatus(raw) != CONNECTION_BAD else {
                throw PostgresError(.unreachable, firstLine(PQerrorMessage(raw)))
            }
            try Task.checkCancellation()
            guard ContinuousClock.now < deadline else {
                throw PostgresError(.unreachable, "no connection within the time limit")
            }
            let events = Int16(state == PGRES_POLLING_READING ? POLLIN : POLLOUT)
            if wait(for: PQsocket(raw), events, milliseconds: 100) { state = PQconnectPoll(raw) }
        }
    }

    private static func firstLine(_ message: UnsafePointer<CChar>?) -> String {
        let text = message.map { String(cString: $0) } ?? ""
        return text.split(separator: "\n").first.map(String.init) ?? "the connection is lost"
    }

    /// A dead peer is noticed within half a minute, also in the middle of a statement.
    private static let defaults = [
        "client_encoding": "UTF8", "keepalives_idle": "15", "keepalives_interval": "5",
        "keepalives_count": "3", "tcp_user_timeout": "30000",
    ]
}

/// libpq would write notices to standard error, in the middle of the log.
private func ignoreNotice(_: UnsafeMutableRawPointer?, _: UnsafePointer<CChar>?) {}

/// True when the descriptor is ready, or broken, within the time.
func wait(for descriptor: Int32, _ events: Int16, milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: events, revents: 0)
    return poll(&entry, 1, milliseconds) > 0
}

/// The texts as a null-terminated array of C strings, for the time of `body`.
///
/// - Throws: `PostgresError` for a text that holds a NUL, which C would cut short.
func withCStrings<Value>(
    _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) throws -> Value
) throws -> Value {
    guard !texts.contains(where: { $0?.utf8.contains(0) ?? false }) else {
        throw PostgresError(.refused, "a value holds a NUL byte", sqlState: "22021")
    }
    let copies = texts.map { text in text.flatMap { strdup($0) } }
    defer { copies.forEach { free($0) } }
    return try (copies.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer {
        guard let start = $0.baseAddress else { preconditionFailure("the array has an end mark") }
        return try body(start)
    }
}
