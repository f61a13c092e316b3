import Dispatch
import Glibc

/// Tells a lane that a descriptor has something to read, or that its other end is gone.
///
/// It watches a duplicate, so that the owner may close the descriptor at any time.
///
/// Safe to send: after its set-up the source is only ever cancelled, which Dispatch allows from
/// any thread.
public final class DescriptorWatch: @unchecked Sendable {
    private let source: any DispatchSourceRead

    init(_ descriptor: Int32, on queue: DispatchQueue, _ body: @escaping @Sendable () -> Void) {
        let copy = dup(descriptor)
        source = DispatchSource.makeReadSource(fileDescriptor: copy, queue: queue)
        source.setEventHandler(handler: body)
        source.setCancelHandler { @Sendable in close(copy) }
        source.resume()
    }

    deinit { source.cancel() }

    /// Ends the watch; a call that is under way may still come.
    public func cancel() {
        source.cancel()
    }
}
