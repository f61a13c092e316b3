import CMicroHTTPD
import Glibc
import Synchronization

/// A small HTTP/1.1 server for health, metrics and local receivers.
///
/// One thread of the C library does all reading and writing; while a responder works, its
/// connection is suspended there, so that slow answers hold nobody up.
public final class HTTPServer: Sendable {
    /// Makes the answer to a request.
    public typealias Responder = @Sendable (HTTPServerRequest) async -> HTTPServerResponse

    /// The port that it listens on, also when it was given 0.
    public let port: UInt16
    private let daemon: Daemon
    private let inbox: HTTPInbox

    /// Listens; requests wait until `run` answers them.
    ///
    /// - Parameters:
    ///   - address: Numeric, IPv4 or IPv6.
    ///   - port: 0 takes any free one.
    ///   - bodyLimitBytes: A longer body is refused with 413.
    public init(
        address: String = "127.0.0.1", port: UInt16 = 0, bodyLimitBytes: Int = 1 << 20
    ) throws(HTTPServerError) {
        guard let socket = SocketAddress(address, port: port) else {
            throw HTTPServerError("`\(address)` is not an IPv4 or IPv6 address")
        }
        inbox = HTTPInbox(bodyLimitBytes: bodyLimitBytes)
        let flags =
            MHD_USE_POLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
            | (socket.isIPv6 ? MHD_USE_IPv6.rawValue : 0)
        // The server outlives the daemon, which `deinit` stops, and the server holds the inbox.
        let context = Unmanaged.passUnretained(inbox).toOpaque()
        let started = socket.withPointer {
            microhttpd_start(flags, $0, takeRequest, context, endRequest)
        }
        guard let started else {
            let reason = String(cString: strerror(errno))
            throw HTTPServerError("cannot listen on \(address) port \(port): \(reason)")
        }
        daemon = Daemon(pointer: started)
        self.port = microhttpd_port(started)
    }

    deinit {
        // The library aborts when it is stopped with a suspended connection.
        inbox.close()
        MHD_stop_daemon(daemon.pointer)
    }

    /// Answers requests until the task is cancelled; those that come later get 503.
    public func run(_ respond: @escaping Responder) async {
        await withDiscardingTaskGroup { group in
            for await exchange in inbox.requests {
                let request = exchange.request
                group.addTask {
                    exchange.answer(await respond(request))
                    await exchange.drip()
                    self.inbox.forget(exchange)
                }
            }
            group.cancelAll()
        }
        inbox.close()
    }

    /// Safe to send: the library allows its daemon to be used from any thread.
    private struct Daemon: @unchecked Sendable {
        let pointer: OpaquePointer
    }
}
