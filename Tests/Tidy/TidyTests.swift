import Foundation
import Testing

@Suite("The source tree")
struct TidyTests {
    @Test("is found")
    func isFound() {
        #expect(SourceTree.swift.count > 50)
        #expect(SourceTree.folders.count > 15)
    }

    @Test("has no file of more than 300 lines and no line of more than 100 columns")
    func sizes() {
        for file in SourceTree.swift {
            #expect(file.lines.count <= 301, "\(file.path) has \(file.lines.count) lines")
            // Tests hold data that cannot be cut.
            let limit = file.path.hasPrefix("Tests/") ? 140 : 100
            for (number, line) in file.lines.enumerated() where line.count > limit {
                Issue.record("\(file.path):\(number + 1) has \(line.count) columns")
            }
        }
    }

    @Test("says next to each unchecked promise what keeps it")
    func promises() {
        let words = ["@unchecked Sendable", "nonisolated(unsafe)"]
        for file in SourceTree.swift where !file.path.hasPrefix("Tests/Tidy/") {
            for (number, line) in file.lines.enumerated() {
                guard words.contains(where: line.contains) else { continue }
                let before = file.lines[max(0, number - 6)..<number]
                let isExplained = before.contains { $0.contains("//") } || line.contains("//")
                #expect(isExplained, "\(file.path):\(number + 1) does not say why it is safe")
            }
        }
    }

    @Test("imports each C library in one place")
    func wrappers() {
        let wrappers = [
            "CRabbitMQ": "Shared/Broker/", "CPostgres": "Shared/Postgres/",
            "CCurl": "Shared/Outbound/", "CYAML": "Shared/YAML/",
            "CMicroHTTPD": "Shared/HTTPServer/",
        ]
        for file in SourceTree.swift {
            for (module, folder) in wrappers where !file.path.hasPrefix(folder) {
                #expect(
                    !file.lines.contains("import \(module)"), "\(file.path) imports \(module)")
            }
        }
    }

    @Test("writes to standard output only through the CLI's console")
    func output() {
        for file in SourceTree.swift where !file.path.hasPrefix("Tests/") {
            let hasPrint = file.lines.contains { $0.contains(/(^|\s)print\(/) }
            #expect(!hasPrint, "\(file.path) prints")
        }
    }

    @Test("leaves nothing for later without saying where it is kept")
    func later() {
        let words = ["TO" + "DO", "FIX" + "ME", "Place" + "holder"]
        for file in SourceTree.swift {
            for word in words {
                #expect(!file.lines.contains { $0.contains(word) }, "\(file.path) has \(word)")
            }
        }
    }

    @Test("has a short README in every folder")
    func readmes() throws {
        for folder in SourceTree.folders {
            let readme = SourceTree.root.appending(path: "\(folder)/README.md")
            let lines = try String(contentsOf: readme, encoding: .utf8).split(separator: "\n")
            #expect(lines.count >= 3, "\(folder)/README.md says nothing")
            #expect(lines.count <= 40, "\(folder)/README.md is too long")
        }
    }

    @Test(
        "has short entry points",
        arguments: [
            "Ingest", "Lander", "Transformer", "Loader", "Quality", "Notifier", "CLI",
        ])
    func mains(service: String) throws {
        let main = try #require(
            SourceTree.swift.first { $0.path == "Services/\(service)/Main.swift" })
        #expect(main.lines.count <= 36, "\(main.path) has \(main.lines.count) lines")
    }
}
