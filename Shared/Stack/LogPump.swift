import Dispatch
import Glibc

/// Carries a child's lines from its pipe to where they go, until the child has closed it.
enum LogPump {
    /// A line that is longer comes in pieces.
    private static let limit = 64 << 10

    /// - Parameters:
    ///   - descriptor: The pipe's end; closed at the end of the child's output.
    ///   - sink: Called with each line and its line break, on the pump's own thread.
    static func start(
        _ descriptor: Int32, _ label: String, to sink: @escaping @Sendable ([UInt8]) -> Void
    ) {
        DispatchQueue(label: "millrace.log.\(label)").async {
            run(descriptor, sink)
            close(descriptor)
        }
    }

    private static func run(_ descriptor: Int32, _ sink: ([UInt8]) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        var pending: [UInt8] = []
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            pending += buffer[..<count]
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                sink(Array(pending[...end]))
                pending.removeSubrange(...end)
            }
            if pending.count > limit {
                sink(pending + [UInt8(ascii: "\n")])
                pending = []
            }
        }
        if !pending.isEmpty { sink(pending + [UInt8(ascii: "\n")]) }
    }
}
