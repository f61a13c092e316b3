/// A document on its way out, with two blanks for each level.
struct XMLText: Sendable {
    private(set) var text: String
    private var depth = 0

    init() {
        text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    }

    /// How the text of an element is written; a reader sees no difference.
    enum Form: Sendable { case escaped, cdata }

    /// An element with others inside.
    mutating func element(
        _ name: String, marked attributes: [(String, String)] = [],
        _ content: (inout XMLText) -> Void
    ) {
        line("<\(name)\(Self.text(of: attributes))>")
        depth += 1
        content(&self)
        depth -= 1
        line("</\(name)>")
    }

    /// An element with text; nothing is an empty one.
    mutating func leaf(
        _ name: String, _ value: String, as form: Form = .escaped,
        marked attributes: [(String, String)] = []
    ) {
        let start = "<\(name)\(Self.text(of: attributes))>"
        switch form {
        case .escaped: line("\(start)\(Self.escaped(value))</\(name)>")
        case .cdata: line("\(start)\(Self.cdata(value))</\(name)>")
        }
    }

    /// A number as the API marks it, or the mark that there is none.
    mutating func typed(_ name: String, _ value: Int?) {
        guard let value else { return line("<\(name) type=\"integer\" nil=\"true\"/>") }
        leaf(name, "\(value)", marked: [("type", "integer")])
    }

    mutating func number(_ name: String, _ value: Int?) { leaf(name, value.map { "\($0)" } ?? "") }

    mutating func empty(_ name: String, marked attributes: [(String, String)] = []) {
        line("<\(name)\(Self.text(of: attributes))/>")
    }

    /// An element whose text stands on lines of its own.
    mutating func block(
        _ name: String, _ value: String, marked attributes: [(String, String)] = []
    ) {
        element(name, marked: attributes) { if !value.isEmpty { $0.line(Self.cdata(value)) } }
    }

    static func hundredths(_ value: Int) -> String {
        let rest = value % 100
        return "\(value / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private mutating func line(_ words: String) {
        text += String(repeating: "  ", count: depth) + words + "\n"
    }

    private static func text(of attributes: [(String, String)]) -> String {
        attributes.map {
            " \($0)=\"\(escaped($1).replacing("\"", with: "&quot;"))\""
        }.joined()
    }

    private static func cdata(_ text: String) -> String {
        // The end mark cannot stand inside: it is divided between two sections.
        "<![CDATA[\(text.replacing("]]>", with: "]]]]><![CDATA[>"))]]>"
    }
}
