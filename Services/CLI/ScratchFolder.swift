import Foundation

/// A folder for the files of one call, removed at its end.
struct ScratchFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/millrace-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// A new folder in it.
    func folder(_ name: String) throws -> String {
        let folder = "\(path)/\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    func remove() {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            Console(environment: [:]).note("\(path) stays there: \(error)")
        }
    }
}
