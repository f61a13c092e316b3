import Events
import Files
import Foundation
import Glibc

/// The blocking steps of a lake in a folder. Keys are verified before they come here.
struct DirectoryTree: Sendable {
    /// Absolute, without a slash at the end.
    let root: String

    /// Where writes go first; hidden, so that it is no part of the lake.
    private static let scratch = ".scratch"

    func put(_ bytes: Data, at key: String) throws {
        let place = Place(key)
        try withAside { scratch, name, file in
            try file.write(bytes)
            try file.sync()
            let folder = try make(place.parents)
            try settle(try scratch.rename(name, into: folder, as: place.name), folder)
        }
    }

    func putIfAbsent(_ bytes: Data, at key: String) throws -> Bool {
        let place = Place(key)
        let folder = try make(place.parents)
        var renaming = Folder.Renaming.targetExists
        if try folder.info(place.name) == nil {
            try withAside { scratch, name, file in
                try file.write(bytes)
                try file.sync()
                renaming = try scratch.renameWithoutReplacing(name, into: folder, as: place.name)
            }
        }
        // Also where another writer was first: it may not have come to that yet.
        try settle(renaming != .sourceMissing, folder)
        return renaming == .done
    }

    func put(fileAt path: String, at key: String) throws {
        let place = Place(key)
        let folder = try make(place.parents)
        let source = try SourceFile(path)
        let file = try source.open()
        try file.sync()
        do {
            let moved = try source.folder.rename(source.name, into: folder, as: place.name)
            guard moved else { throw source.missing }
            try folder.sync()
            try source.folder.sync()
        } catch let error as FileError where error.code == EXDEV {
            try copy(file, into: folder, as: place.name)
            try source.folder.remove(source.name)
            try source.folder.sync()
        }
    }

    func sha256(of key: String) throws -> String {
        try open(key, during: "digest").file.digest().sha256
    }

    func get(_ key: String, limitBytes: Int) throws -> Data {
        let (file, info) = try open(key, during: "get")
        guard info.bytes <= limitBytes else {
            throw LakeError(
                .refused, during: "get",
                "`\(key)` has \(info.bytes) bytes, more than the \(limitBytes) allowed here")
        }
        return try file.contents()
    }

    private func open(
        _ key: String, during operation: String
    ) throws -> (file: OpenFile, info: FileInfo) {
        let place = Place(key)
        guard let file = try find(place.parents)?.open(place.name),
            case let info = try file.info(), info.kind == .file
        else { throw LakeError(.notFound, during: operation, "there is no object `\(key)`") }
        return (file, info)
    }

    func info(_ key: String) throws -> ObjectInfo? {
        let place = Place(key)
        guard let info = try find(place.parents)?.info(place.name), info.kind == .file else {
            return nil
        }
        return ObjectInfo(key: key, bytes: info.bytes, modifiedAt: info.modifiedAt)
    }

    func move(_ source: String, to target: String) throws -> Bool {
        let (from, to) = (Place(source), Place(target))
        guard let sourceFolder = try find(from.parents),
            try sourceFolder.info(from.name)?.kind == .file
        else { return false }
        let targetFolder = try make(to.parents)
        switch try sourceFolder.renameWithoutReplacing(from.name, into: targetFolder, as: to.name) {
        case .done: break
        case .sourceMissing: return false
        case .targetExists:
            throw LakeError(.exists, during: "move", "there is an object `\(target)` already")
        }
        // The new name first: a power cut in between leaves the object with one or both.
        try targetFolder.sync()
        try sourceFolder.sync()
        return true
    }

    func delete(_ keys: [String]) throws {
        // By the bytes: strings are equal when they look the same, keys are not.
        let places = keys.map(Place.init)
        for places in Dictionary(grouping: places, by: { $0.parents.map { Array($0.utf8) } }).values
        {
            guard let folder = try find(places[0].parents) else { continue }
            for place in places { try folder.remove(place.name) }
            try folder.sync()
        }
    }

    /// Removes what dead processes left there more than a day ago.
    func tidyScratch() throws -> String {
        let scratch = try make([Self.scratch])
        let oldest = Date(timeIntervalSinceNow: -86_400)
        for entry in try scratch.entries() where !entry.isFolder {
            guard let info = try scratch.info(entry.name), info.modifiedAt < oldest else {
                continue
            }
            try scratch.remove(entry.name)
        }
        return scratch.path
    }

    func check() throws {
        try withAside { _, _, file in try file.write(Data("millrace".utf8)) }
    }

    /// The folder of those parts below the root; nil when it is not there.
    func find(_ parts: [String]) throws -> Folder? {
        var folder = try Folder.make(root)
        for part in parts {
            guard let next = try folder.folder(part) else { return nil }
            folder = next
        }
        return folder
    }

    private func make(_ parts: [String]) throws -> Folder {
        var folder = try Folder.make(root)
        for part in parts { folder = try folder.making(part) }
        return folder
    }

    /// Gives a new file in scratch to `body`, which may move it away; else it is removed.
    private func withAside(_ body: (Folder, String, OpenFile) throws -> Void)
        throws
    {
        let scratch = try make([Self.scratch])
        let name = ULID().description
        let file = try scratch.create(name)
        do {
            try body(scratch, name, file)
        } catch {
            try scratch.remove(name)
            throw error
        }
        try scratch.remove(name)
    }

    private func copy(
        _ file: OpenFile, into folder: Folder, as name: String
    ) throws {
        let scratch = try make([Self.scratch])
        let aside = ULID().description
        let target = try scratch.create(aside)
        do {
            try file.read { piece throws(FileError) in try target.write(piece) }
            try target.sync()
            try settle(try scratch.rename(aside, into: folder, as: name), folder)
        } catch {
            try scratch.remove(aside)
            throw error
        }
    }

    private func settle(_ moved: Bool, _ folder: Folder) throws {
        guard moved else {
            throw LakeError(.unreachable, during: "put", "somebody removed the file on its way")
        }
        try folder.sync()
    }
}

/// A key, cut into the folders above and the name.
private struct Place {
    let parents: [String]
    let name: String

    init(_ key: String) {
        var parts = key.split(separator: "/").map(String.init)
        name = parts.popLast() ?? ""
        parents = parts
    }
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

    func open() throws -> OpenFile {
        guard let file = try folder.open(name) else { throw missing }
        guard try file.info().kind == .file else {
            throw LakeError(.refused, during: "put", "`\(file.path)` is not a regular file")
        }
        return file
    }
}
