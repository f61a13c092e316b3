import Testing

@testable import millrace

@Suite("A table")
struct TableTests {
    private func sample() -> Table {
        var table = Table("name", "rows", "note")
        table.add(["books", 120, "first"])
        table.add(["reviews", 7, Cell(nil as String?)])
        return table
    }

    @Test("has aligned columns, numbers at the right")
    func aligned() {
        #expect(
            sample().text(width: 80)
                == "name     rows  note\nbooks     120  first\nreviews     7  \n")
    }

    @Test("cuts its widest column to fit, and never one that is whole")
    func cut() {
        var table = Table(.init("id", isWhole: true), "text")
        let id = String(repeating: "A", count: 26)
        table.add([Cell(id), Cell(String(repeating: "word ", count: 40))])
        let lines = table.text(width: 80).split(separator: "\n")
        #expect(lines.allSatisfy { displayWidth(String($0)) <= 80 })
        #expect(lines[1].hasPrefix(id) && lines[1].hasSuffix("…"))
    }

    @Test("cuts a headline before it cuts a number")
    func numbers() {
        var table = Table("superseded", .init("id", isWhole: true))
        table.add([1_651, "ABCDEF"])
        #expect(table.text(width: 13) == "supe…  id\n 1651  ABCDEF\n")
    }

    @Test("shows records below each other when the columns cannot fit")
    func records() {
        var table = Table(columns: (1...20).map { Table.Column("column\($0)") })
        table.add((1...20).map { Cell("value \($0)") })
        let lines = table.text(width: 80).split(separator: "\n")
        #expect(lines.count == 20)
        #expect(lines[0] == "column1   value 1")
    }

    @Test("counts what takes two columns of the terminal, or none")
    func widths() {
        #expect(displayWidth("日本") == 4)
        #expect(displayWidth("e\u{301}") == 1)
    }

    @Test("shows no control character of its data")
    func controls() {
        var table = Table("text")
        table.add(["a\u{1B}[31mb\nc\td\u{202E}e"])
        #expect(table.text(width: 80) == "text\na·[31mb⏎c de\n")
    }

    @Test("is an array of objects in JSON, values as what they are")
    func json() {
        #expect(
            sample().json() == """
                [
                {"name": "books", "rows": 120, "note": "first"},
                {"name": "reviews", "rows": 7, "note": null}
                ]

                """)
        #expect(Table("a").json() == "[]\n")
        #expect(Cell("a\"\n\u{1}").json == "\"a\\\"\\n\\u0001\"")
    }

    @Test("quotes in CSV what needs it")
    func csv() {
        var table = Table("a", "b")
        table.add(["x,\"y\"", Cell(true)])
        #expect(table.csv() == "a,b\r\n\"x,\"\"y\"\"\",true\r\n")
    }
}
