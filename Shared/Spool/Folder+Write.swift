import Files
import Foundation

extension Folder {
    /// Writes a small file: whole and durable, or not at all.
    func write(_ data: Data, as name: String) throws {
        let aside = "\(name).part"
        try remove(aside)
        let file = try create(aside)
        do {
            try file.write(data)
            try file.sync()
            _ = try rename(aside, into: self, as: name)
        } catch {
            try remove(aside)
            throw error
        }
        try sync()
    }
}
