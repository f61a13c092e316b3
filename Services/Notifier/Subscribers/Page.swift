import HTTPServer

/// A page for subscribers: plain HTML that no script, frame or foreign site has a part in.
enum Page {
    /// Says something.
    static func notice(_ status: Int, _ title: String, _ text: String) -> HTTPServerResponse {
        page(status, title, "<p>\(escaped(text))</p>")
    }

    /// Asks for a second click, which posts to the page's own address.
    static func question(_ title: String, _ text: String, button: String) -> HTTPServerResponse {
        page(
            200, title,
            "<p>\(escaped(text))</p>\n"
                + "<form method=\"post\"><button type=\"submit\">\(escaped(button))</button></form>"
        )
    }

    private static func page(_ status: Int, _ title: String, _ body: String) -> HTTPServerResponse {
        let html = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escaped(title))</title>
            </head>
            <body>
            <main>
            <h1>\(escaped(title))</h1>
            \(body)
            </main>
            </body>
            </html>

            """
        var response = HTTPServerResponse(
            html, status: status, contentType: "text/html; charset=utf-8")
        response.headers = headers
        return response
    }

    /// The address of a page holds a secret: it is neither kept nor passed on.
    private static let headers: [(name: String, value: String)] = [
        (
            "Content-Security-Policy",
            "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"), ("X-Robots-Tag", "noindex, nofollow"),
    ]

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
