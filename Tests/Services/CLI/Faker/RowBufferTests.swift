import Testing

@testable import millrace

@Suite("A row of the generator")
struct RowBufferTests {
    @Test("is quoted in CSV only where it must be")
    func csv() {
        #expect(
            row(.csv) == """
                id,name,rating,flag,none
                5,"She said ""no"", twice
                and left",-0.05,True,

                """)
    }

    @Test("is one line in JSON")
    func json() {
        #expect(
            row(.jsonl) == #"{"id":5,"name":"She said \"no\", twice\nand left","#
                + #""rating":-0.05,"flag":true,"none":null}"# + "\n")
    }

    private func row(_ format: FakeFormat) -> String {
        var buffer = RowBuffer(fields: ["id", "name", "rating", "flag", "none"], format: format)
        buffer.integer(5)
        buffer.text("She said \"no\", twice\nand left")
        buffer.hundredths(-5)
        buffer.flag(true)
        buffer.null()
        buffer.endRow()
        return String(decoding: buffer.bytes, as: UTF8.self)
    }
}
