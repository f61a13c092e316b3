import Foundation
import Pipelines

/// A folder for a new pipeline: what is there already is never touched.
struct NewFolder {
    /// The first line of a `pipeline.yaml`, for editors.
    static let schemaLine = "# yaml-language-server: $schema=pipeline.schema.json"

    let path: String

    /// - Throws: `CommandError` when something lies there.
    init(_ path: String) throws {
        self.path = path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return }
        guard isFolder.boolValue else {
            throw CommandError("\(path) is a file", exit: .usage)
        }
        guard try FileManager.default.contentsOfDirectory(atPath: path).isEmpty else {
            throw CommandError(
                "\(path) is not empty, and nothing in it is overwritten", exit: .usage,
                try: "millrace init \(path)-2")
        }
    }

    /// A pipeline's name made of the folder's.
    var name: String {
        Pipeline.name(from: URL(filePath: path).lastPathComponent, or: "pipeline")
    }

    /// Writes the files, by their names below the folder, and the schema for editors.
    func write(_ files: [String: String]) throws {
        var files = files
        files["pipeline.schema.json"] = try JSONSchema.pipeline()
        for (name, text) in files {
            let file = URL(filePath: path).appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file, options: .withoutOverwriting)
        }
    }
}
