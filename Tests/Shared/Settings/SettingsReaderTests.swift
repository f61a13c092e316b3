import Foundation
import Settings
import Testing

@Suite("A settings reader")
struct SettingsReaderTests {
    private enum Colour: String, CaseIterable { case red, green }

    @Test("prefers the flag to the variable to the default")
    func precedence() throws {
        var reader = SettingsReader(
            arguments: ["--lake", "file:///flag", "--port=7"],
            environment: ["MILLRACE_LAKE": "file:///variable", "MILLRACE_SPOOL": "/spool"])
        #expect(reader.text("lake", help: "") == "file:///flag")
        #expect(reader.text("spool", help: "") == "/spool")
        #expect(reader.text("inbox", default: "/inbox", help: "") == "/inbox")
        #expect(reader.integer("port", default: 0, in: 0...10, help: "") == 7)
        try reader.finish()
    }

    @Test("says every mistake at once")
    func allMistakes() {
        var reader = SettingsReader(
            arguments: ["--port", "many", "--colour", "blue", "--lakes", "x", "--password", "p"],
            environment: ["MILLRACE_TOKEN_FILE": "/does/not/exist"])
        _ = reader.text("lake", help: "where objects are")
        _ = reader.integer("port", default: 1, in: 0...9, help: "")
        _ = reader.choice("colour", default: Colour.red, help: "")
        _ = reader.secret("password", help: "")
        _ = reader.secret("token", help: "")
        let error = #expect(throws: SettingsError.self) { try reader.finish() }
        #expect(error?.mistakes.count == 6)
        for name in ["lake", "port", "colour", "password", "MILLRACE_TOKEN_FILE", "--lakes"] {
            #expect(error?.description.contains(name) == true, "\(name) is not named")
        }
    }

    @Test("reads a secret from the file that the variable names")
    func secretFile() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data("s3cret\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var reader = SettingsReader(
            arguments: [], environment: ["MILLRACE_PASSWORD_FILE": file.path()])
        #expect(reader.secret("password", help: "") == "s3cret")
        try reader.finish()
    }
}
