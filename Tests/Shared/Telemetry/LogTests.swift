import Foundation
import Synchronization
import Telemetry
import Testing

@Suite("A log line")
struct LogTests {
    private let lines = Lines()

    @Test("is one JSON object, whatever the values hold")
    func escapes() throws {
        let log = Log(service: "loader", form: .json, write: lines.add)
        log.info("batch published", ["name": "a\"b\\c\nd\u{1}é", "batch": "01"])
        let line = try #require(lines.all.first)
        let object = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(object["name"] == "a\"b\\c\nd\u{1}é")
        #expect(object["service"] == "loader")
        #expect(object["level"] == "info")
        #expect(line.filter(\.isNewline).count == 1)
    }

    @Test("is left out below the threshold")
    func threshold() {
        let log = Log(service: "loader", threshold: .warning, form: .json, write: lines.add)
        log.info("quiet")
        log.warning("loud")
        #expect(lines.all.count == 1)
    }

    @Test("carries the facts of its task")
    func context() {
        let log = Log(service: "loader", form: .text, write: lines.add)
        Log.$context.withValue(["event.id": "7"]) { log.info("handled") }
        #expect(lines.all.first?.contains("event.id=7") == true)
    }
}

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}
