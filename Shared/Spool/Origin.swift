import Files
import Foundation

/// The file of another file system that a segment was copied from and that is still to be removed.
struct Origin: Codable, Sendable, Equatable {
    let path: String
    let device: UInt64
    let inode: UInt64
    let bytes: Int
    let modifiedNanoseconds: Int64

    init(_ path: String, _ info: FileInfo) {
        self.path = path
        device = info.device
        inode = info.inode
        bytes = info.bytes
        modifiedNanoseconds = info.modifiedNanoseconds
    }

    /// True when `info` is of that very file and nobody has written to it since.
    func isSame(_ info: FileInfo) -> Bool { self == Origin(path, info) }

    /// Removes the file, unless another one has taken its place.
    func removeFile() throws(FileError) {
        let url = URL(fileURLWithPath: path)
        let folder = try Folder(url.deletingLastPathComponent().path)
        guard let info = try folder.info(url.lastPathComponent), isSame(info) else { return }
        try folder.remove(url.lastPathComponent)
        try folder.sync()
    }
}
