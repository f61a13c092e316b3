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
    /// Where whole copies wait for the end of their source; hidden too.
    static let arriving = ".arriving"

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
            try removeIfEmpty(places[0].parents)
        }
    }

    /// A folder of one batch is not needed any more with its last object. Those further up stay:
    /// somebody may be about to put something there.
    private func removeIfEmpty(_ parts: [String]) throws {
        guard parts.count >= 4, let name = parts.last else { return }
        try find(parts.dropLast())?.removeFolder(name)
    }

    /// The folder for files that will be taken over.
    func scratch() throws -> String { try make([Self.scratch]).path }

    /// Removes files that writers who died have left aside. A writer locks its own as long as it
    /// lives; the age covers the moment before it does.
    func removeLeftovers(before oldest: Date) throws -> [String] {
        guard let scratch = try find([Self.scratch]) else { return [] }
        var removed: [String] = []
        for entry in try scratch.entries() where !entry.isFolder {
            guard let info = try scratch.info(entry.name), info.modifiedAt < oldest,
                let file = try scratch.open(entry.name), try file.lock(.exclusive)
            else { continue }
            try scratch.remove(entry.name)
            removed.append(entry.name)
        }
        return removed
    }

    func check() throws {
        try withAside { _, _, file in try file.write(Data("millrace".utf8)) }
    }

    /// The folder of those parts below the root; nil when it is not there.
    func find(_ parts: some Sequence<String>) throws -> Folder? {
        var folder = try Folder.make(root)
        for part in parts {
            guard let next = try folder.folder(part) else { return nil }
            folder = next
        }
        return folder
    }

    func make(_ parts: [String]) throws -> Folder {
        var folder = try Folder.make(root)
        for part in parts { folder = try folder.making(part) }
        return folder
    }

    /// Gives a new file in scratch to `body`, which may move it away; else it is removed.
    func withAside(_ body: (Folder, String, OpenFile) throws -> Void) throws {
        let scratch = try make([Self.scratch])
        let name = ULID().description
        let file = try scratch.create(name)
        do {
            guard try file.lock(.exclusive) else {
                throw LakeError(.unreachable, during: "put", "somebody locked `\(file.path)`")
            }
            try body(scratch, name, file)
        } catch {
            try scratch.remove(name)
            throw error
        }
        try scratch.remove(name)
    }

    func settle(_ moved: Bool, _ folder: Folder) throws {
        guard moved else {
            throw LakeError(.unreachable, during: "put", "somebody removed the file on its way")
        }
        try folder.sync()
    }
}

/// A key, cut into the folders above and the name.
struct Place {
    let parents: [String]
    let name: String

    init(_ key: String) {
        var parts = key.split(separator: "/").map(String.init)
        name = parts.popLast() ?? ""
        parents = parts
    }
}
