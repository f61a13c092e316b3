/// Takes the body of an answer with a status of 2xx piece by piece, so that it need not fit in
/// memory.
public protocol HTTPBodySink: AnyObject, Sendable {
    /// Called on the client's own thread, which reads nothing more until it returns. What it throws
    /// ends the request and is thrown by it.
    func take(_ bytes: UnsafeRawBufferPointer) throws
}
