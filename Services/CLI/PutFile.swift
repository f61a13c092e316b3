import Events
import Foundation

/// One file of a `put`, and what has become of it.
struct PutFile {
    enum State: String {
        case new
        case nothingNew = "nothing new"
        case handedOver = "handed over"
        /// `rejected`: published, but none of its records could go on.
        case published, rejected, refused, failed
    }

    let path: String
    let sha256: String
    var state = State.new
    /// Its name in the lake and in the ledger, once it has one.
    var object: String?
    var run: String?
    /// The dead letter that stopped it before it had a run.
    var letter: String?
    /// As the ledger has them.
    var counts: Counts?

    var name: String { URL(filePath: path).lastPathComponent }

    /// - Throws: `CommandError` when it is no file that can be read.
    init(path: String) throws {
        var isFolder = ObjCBool(false)
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandError("there is no file `\(path)`", exit: .usage)
        }
        guard !isFolder.boolValue else {
            throw CommandError("`\(path)` is a folder", exit: .usage, try: "ls \(path)")
        }
        self.path = path
        sha256 = try Self.digest(of: path)
    }

    /// What became of the files, for people and scripts.
    static func table(_ files: [PutFile]) -> Table {
        var table = Table(
            "file", "state", "read", "published", "superseded", "filtered", "rejected",
            .init("run", isWhole: true))
        for file in files {
            table.add([
                Cell(file.name), Cell(file.state.rawValue, file.style), Cell(file.counts?.read),
                Cell(file.counts?.published), Cell(file.counts?.superseded),
                Cell(file.counts?.filtered), Cell(file.counts?.rejected), Cell(file.run),
            ])
        }
        return table
    }

    private var style: Style {
        switch state {
        case .published: .good
        case .rejected, .refused, .failed: .bad
        case .nothingNew: .dim
        case .new, .handedOver: .plain
        }
    }

    private static func digest(of path: String) throws -> String {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { file.closeFile() }
        var digest = SHA256()
        while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
            piece.withUnsafeBytes { digest.update($0) }
        }
        return digest.finish()
    }
}
