import Events
import Files
import Foundation
import Glibc

extension DirectoryTree {
    /// Takes over a file of this host: by a rename where both are on one file system.
    func put(fileAt path: String, at key: String) throws {
        let place = Place(key)
        let folder = try make(place.parents)
        let source = try SourceFile(path)
        guard let file = try source.open() else {
            guard try finishArrival(of: key, in: folder, as: place.name) else {
                throw source.missing
            }
            return
        }
        try file.sync()
        do {
            let moved = try source.folder.rename(source.name, into: folder, as: place.name)
            guard moved else { throw source.missing }
            try folder.sync()
            try source.folder.sync()
        } catch let error as FileError where error.code == EXDEV {
            try copy(file, from: source, into: folder, as: place.name, of: key)
        }
    }

    /// Takes over a file of another file system.
    ///
    /// The whole copy waits under a hidden name until its source is gone, and gets its key only
    /// then. So a process that is killed anywhere in between and does it again never makes a
    /// second object of a file whose first one was claimed at once.
    private func copy(
        _ file: OpenFile, from source: SourceFile, into folder: Folder, as name: String,
        of key: String
    ) throws {
        // Two of them would take the other's end of the source for their own.
        try file.waitForLock(.exclusive)
        guard try source.isStill(file) else {
            guard try finishArrival(of: key, in: folder, as: name) else { throw source.missing }
            return
        }
        let arrivals = try make([Self.arriving])
        try withAside { scratch, aside, target in
            try file.read { piece throws(FileError) in try target.write(piece) }
            try target.sync()
            try settle(try scratch.rename(aside, into: arrivals, as: Self.arrival(key)), arrivals)
        }
        try source.folder.remove(source.name)
        try source.folder.sync()
        // False when somebody who found the source gone was faster: it is there all the same.
        _ = try finishArrival(of: key, in: folder, as: name)
    }

    /// - Returns: False when no copy waits for that key.
    private func finishArrival(
        of key: String, in folder: Folder, as name: String
    ) throws -> Bool {
        guard let arrivals = try find([Self.arriving]),
            try arrivals.rename(Self.arrival(key), into: folder, as: name)
        else { return false }
        try folder.sync()
        try arrivals.sync()
        return true
    }

    /// The same whenever the key is asked for.
    private static func arrival(_ key: String) -> String { SHA256.hex(of: Data(key.utf8)) }
}

/// A file of this host that the lake takes over.
private struct SourceFile {
    let folder: Folder
    let name: String

    init(_ path: String) throws {
        let url = URL(fileURLWithPath: path)
        folder = try Folder(url.deletingLastPathComponent().path)
        name = url.lastPathComponent
    }

    var missing: LakeError {
        LakeError(.notFound, during: "put", "there is no file `\(folder.path(of: name))`")
    }

    /// Nil when it is not there.
    func open() throws -> OpenFile? {
        guard let file = try folder.open(name) else { return nil }
        guard try file.info().kind == .file else {
            throw LakeError(.refused, during: "put", "`\(file.path)` is not a regular file")
        }
        return file
    }

    /// True when the name is still that file's.
    func isStill(_ file: OpenFile) throws -> Bool {
        let info = try file.info()
        guard let found = try folder.info(name) else { return false }
        return found.device == info.device && found.inode == info.inode
    }
}
