import Stack
import Testing

@Suite("A log line")
struct LogLineTests {
    @Test("of a service becomes one line for a person")
    func readable() {
        let line = """
            {"time":"2026-11-21T07:31:13.514Z","level":"info","service":"loader",\
            "message":"batch staged","batch":"01J","rows":"7"}

            """
        #expect(
            LogLine.text(Array(line.utf8))
                == "07:31:13.514 info loader      batch staged batch=01J rows=7")
    }

    @Test("that is none of ours stays as it is, but cannot steer the terminal")
    func foreign() {
        #expect(LogLine.text(Array("Fatal error: \u{1B}[2J\n".utf8)) == "Fatal error: ·[2J")
    }
}
