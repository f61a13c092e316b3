public import Foundation

/// What the client gets.
public struct HTTPServerResponse: Sendable {
    public var status: Int
    public var contentType: String
    public var body: Data
    /// Further headers, beside `Content-Type`.
    public var headers: [(name: String, value: String)] = []
    public var delivery = Delivery.whole

    /// How the body reaches the client. All but `whole` are for those who try a client out.
    public enum Delivery: Sendable {
        case whole
        /// The length is announced, and the connection ends after so many bytes.
        case cut(afterBytes: Int)
        /// In equal pieces with a rest between them.
        case dripped(pieces: Int, pause: Duration)
    }

    public init(
        _ text: String, status: Int = 200, contentType: String = "text/plain; charset=utf-8"
    ) {
        self.init(body: Data(text.utf8), status: status, contentType: contentType)
    }

    public init(body: Data, status: Int = 200, contentType: String) {
        self.status = status
        self.body = body
        self.contentType = contentType
    }

    public static let notFound = HTTPServerResponse("nothing is here\n", status: 404)
    static let stopping = HTTPServerResponse("the server is stopping\n", status: 503)
    static let tooLarge = HTTPServerResponse("the body is too large\n", status: 413)
}
