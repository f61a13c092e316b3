import Foundation

/// The files of one pipeline's folder, and none outside it.
struct FolderFiles {
    /// Why a file could not be read.
    struct Failure: Error {
        let code: DiagnosticCode
        let message: String
        let fix: String?
    }

    static let limitBytes = 1 << 20
    let folder: URL

    init(_ path: String) {
        folder = URL(fileURLWithPath: path, isDirectory: true).resolvingSymlinksInPath()
    }

    /// The bytes of a file below the folder.
    func read(_ name: String) throws(Failure) -> Data {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(where: { ["", ".", ".."].contains($0) }), !name.contains("\0") else {
            throw Failure(
                code: .badPath, message: "path `\(name)` is not one below the pipeline's folder",
                fix: "write it from the folder on, like models/best_books.sql")
        }
        let file = folder.appendingPathComponent(name).resolvingSymlinksInPath()
        guard file.path.hasPrefix(folder.path + "/") else {
            throw Failure(
                code: .badPath, message: "`\(name)` is a link that leaves the pipeline's folder",
                fix: "put the file itself there")
        }
        return try contents(of: file, name: name)
    }

    /// Whether there is a file of that name.
    func has(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
    }

    /// The names of what lies in a folder below it, sorted, without hidden files; none where it is
    /// missing.
    func names(in name: String) -> [String] {
        let path = folder.appendingPathComponent(name).path
        guard has(name), let names = FileManager.default.subpaths(atPath: path) else { return [] }
        return names.filter { !$0.contains("/") && !$0.hasPrefix(".") }.sorted()
    }

    /// The names of the SQL files in the folder and the folders below it, sorted. It does not
    /// look deep: somebody may lint a home folder.
    func sqlFiles() -> [String] {
        guard let walker = FileManager.default.enumerator(atPath: folder.path) else { return [] }
        var names: [String] = []
        while let name = walker.nextObject() as? String {
            if walker.level > 3 || name.hasPrefix(".") { walker.skipDescendants() }
            if name.hasSuffix(".sql") { names.append(name) }
        }
        return names.sorted()
    }

    private func contents(of file: URL, name: String) throws(Failure) -> Data {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder) else {
            throw Failure(code: .unreadableFile, message: "there is no file `\(name)`", fix: nil)
        }
        guard !isFolder.boolValue else {
            throw Failure(code: .unreadableFile, message: "`\(name)` is a folder", fix: nil)
        }
        do {
            // One byte more than allowed tells a large file without reading all of it.
            let handle = try FileHandle(forReadingFrom: file)
            let bytes = try handle.read(upToCount: Self.limitBytes + 1) ?? Data()
            guard bytes.count <= Self.limitBytes else {
                throw Failure(
                    code: .tooLarge, message: "`\(name)` has more than \(Self.limitBytes) bytes",
                    fix: nil)
            }
            return bytes
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(
                code: .unreadableFile, message: "`\(name)` cannot be read: \(error)", fix: nil)
        }
    }
}
