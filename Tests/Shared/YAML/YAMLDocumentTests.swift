import Foundation
import Testing
import YAML

@Suite("A YAML document")
struct YAMLDocumentTests {
    private func read(_ text: String) -> YAMLDocument { YAMLDocument(Data(text.utf8)) }

    private func problem(_ text: String) throws -> YAMLProblem {
        let document = read(text)
        #expect(document.root == nil)
        return try #require(document.problems.first)
    }

    @Test("gives each key and value its line and column")
    func marks() throws {
        let root = try #require(read("a: 1\nlist:\n  - \"ü\": 'x'\n").root)
        guard case .mapping(let entries) = root.content,
            case .sequence(let items) = entries[1].value.content,
            case .mapping(let inner) = items[0].content
        else {
            Issue.record("another shape")
            return
        }
        #expect(entries.map(\.key.text) == ["a", "list"])
        #expect(entries[0].value.start == YAMLMark(line: 1, column: 4))
        #expect(entries[1].start == YAMLMark(line: 2, column: 1))
        #expect(inner[0].start == YAMLMark(line: 3, column: 5))
        #expect(inner[0].value.start == YAMLMark(line: 3, column: 10))
        #expect(inner[0].value.content == .scalar(YAMLScalar("x", isPlain: false)))
    }

    @Test("may have a byte order mark and Windows line ends")
    func windows() {
        let document = read("\u{FEFF}a: 1\r\nb: 2\r\n")
        #expect(document.problems.isEmpty)
        #expect(document.root?.kindName == "a mapping")
    }

    @Test("that is empty has no root and no problem", arguments: ["", "# nothing\n", "---\n...\n"])
    func empty(text: String) {
        #expect(read(text).problems.isEmpty)
        #expect(read(text).root.map(\.kindName) ?? "nothing" == "nothing")
    }

    @Test("names every duplicate key and stays readable")
    func duplicates() {
        let document = read("a: 1\nb: {x: 1, x: 2}\na: 3\n")
        #expect(document.root != nil)
        #expect(document.problems.map(\.kind) == [.duplicateKey, .duplicateKey])
        #expect(
            document.problems.map(\.mark) == [
                YAMLMark(line: 2, column: 11), YAMLMark(line: 3, column: 1),
            ])
    }

    @Test(
        "is refused with a word and a place",
        arguments: [
            ("a: &x 1\nb: *x\n", YAMLProblem.Kind.refused, 1, 4, "an anchor"),
            ("a: *x\n", .refused, 1, 4, "an alias"),
            ("a: !!python/object 1\n", .refused, 1, 4, "a tag"),
            ("a: 1\n---\nb: 2\n", .refused, 2, 1, "second document"),
            ("? [a]\n: 1\n", .refused, 1, 3, "not a text"),
            ("a:\n\tb: 1\n", .syntax, 2, 1, "tab"),
            ("a: b: c\n", .syntax, 1, 5, "`:`"),
            ("a: @b\n", .syntax, 1, 4, "`@`"),
            ("a: *.csv\n", .syntax, 1, 4, "*"),
            ("a: \"b\n", .syntax, 1, 4, "quote"),
            ("a: [1, 2\nb: 1\n", .syntax, 1, 4, "["),
            ("a: 1\nb\u{0}: 2\n", .badBytes, 2, 2, "NUL"),
            ("a: \u{7}\n", .badBytes, 1, 4, "control"),
        ])
    func refusal(text: String, kind: YAMLProblem.Kind, line: Int, column: Int, word: String) throws
    {
        let problem = try problem(text)
        #expect(problem.kind == kind)
        #expect(problem.mark == YAMLMark(line: line, column: column))
        #expect(problem.message.contains(word), "\(problem.message)")
    }

    @Test("that is not UTF-8 is refused where it begins not to be")
    func latin() throws {
        let problem = try #require(
            YAMLDocument(
                Data(
                    "a: 1\nb: \u{E9}".unicodeScalars.map {
                        UInt8($0.value)
                    })
            ).problems.first)
        #expect(problem.kind == .badBytes)
        #expect(problem.mark == YAMLMark(line: 2, column: 4))
    }

    @Test("has limits of bytes, values and depth")
    func limits() throws {
        #expect(try problem(String(repeating: "#", count: (1 << 20) + 1)).kind == .tooLarge)
        #expect(try problem(String(repeating: "[", count: 10_000)).kind == .tooLarge)
        let flat = "[" + String(repeating: "1,", count: 100_001) + "1]"
        #expect(try problem(flat).kind == .tooLarge)
    }

    @Test(
        "says which plain texts are a trap",
        arguments: [
            ("no", true), ("On", true), ("0123", true), ("2020-02-01", true), ("12:30:00", true),
            ("0x1F", true), ("1.5", false), ("y", false), ("~", true), ("text", false),
            ("1.2.3", false),
            ("bigint required", false), ("author*.csv", false),
        ])
    func traps(text: String, isTrap: Bool) {
        #expect((YAMLScalar(text, isPlain: true).trap != nil) == isTrap)
        #expect(YAMLScalar(text, isPlain: false).trap == nil)
    }
}
