import Foundation

/// A body that is cut off, or given in pieces. It is used on the library's thread alone.
final class HTTPBody: Sendable {
    private let bytes: Data
    /// Where the connection ends.
    private let end: Int
    private let exchange: HTTPExchange

    init(_ response: HTTPServerResponse, of exchange: HTTPExchange) {
        bytes = response.body
        self.exchange = exchange
        end =
            if case .cut(let bytes) = response.delivery {
                min(bytes, response.body.count)
            } else {
                response.body.count
            }
    }

    /// The bytes from `position` on. None means that the connection rests until there are more.
    ///
    /// - Returns: Nil when the body is cut here.
    func next(at position: Int, limit: Int) -> Data? {
        guard position < end else { return nil }
        let count = min(exchange.allowed(from: position), limit, end - position)
        let start = bytes.startIndex + position
        return bytes[start..<start + count]
    }
}
