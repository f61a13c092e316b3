import Dispatch
import Glibc

/// The operating system's request to stop: SIGTERM or SIGINT.
public enum StopSignal {
    /// A stream with one element for each stop signal that the process gets from now on.
    ///
    /// The second one is the user's wish to stop at once; what that means is the caller's choice.
    public static func stream() -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Int32.self, bufferingPolicy: .bufferingNewest(4))
        let sources = [SIGTERM, SIGINT].map { signal in
            source(for: signal) { @Sendable in continuation.yield(signal) }
        }
        continuation.onTermination = { @Sendable _ in sources.forEach { $0.cancel() } }
        return stream
    }

    /// A write to a socket or pipe whose reader is gone, or beyond the size that a file may have,
    /// shall be an error, not the end.
    public static func ignoreFailedWrites() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    private static func source(
        for number: Int32, _ handler: @escaping @Sendable () -> Void
    ) -> Source {
        // Dispatch delivers only what the default action does not take first.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(
            signal: number, queue: DispatchQueue(label: "millrace.signal.\(number)"))
        source.setEventHandler(handler: handler)
        source.resume()
        return Source(source)
    }

    /// Safe to send: it is only ever cancelled, which Dispatch allows from any thread.
    private final class Source: @unchecked Sendable {
        private let source: any DispatchSourceSignal
        init(_ source: any DispatchSourceSignal) { self.source = source }
        func cancel() { source.cancel() }
    }
}
