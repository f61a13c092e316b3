import Foundation

/// The files of this package as text.
struct SourceTree {
    struct File: Sendable {
        let path: String
        let lines: [String]
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let swift: [File] = ["Services", "Shared", "Tests"].flatMap(files(below:))

    static let folders: [String] = ["Services", "Shared"].flatMap { top in
        subfolders(of: top).filter { $0 != "Shared/C" }
    }

    private static func files(below top: String) -> [File] {
        let walker = FileManager.default.enumerator(atPath: root.appending(path: top).path())
        let names = (walker?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".swift") }
        return names.sorted().compactMap { name in
            let path = "\(top)/\(name)"
            guard
                let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8)
            else { return nil }
            return File(path: path, lines: text.components(separatedBy: "\n"))
        }
    }

    private static func subfolders(of top: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(
            atPath: root.appending(path: top).path())
        return (names ?? []).sorted().map { "\(top)/\($0)" }
    }
}
