import Files
import Foundation

/// Reads the keys of a lake in a folder in their order, and only the folders that can hold them.
/// It takes memory for the keys that are wanted, not for all that are there.
struct DirectoryListing: Sendable {
    private let prefix: [UInt8]
    private let marker: [UInt8]?
    private let limit: Int
    /// The folders above everything that is wanted.
    private let parents: [String]

    init(prefix: String, marker: String?, limit: Int) {
        self.prefix = Array(prefix.utf8)
        self.marker = marker.map { Array($0.utf8) }
        self.limit = limit
        parents = prefix.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .map(String.init)
    }

    func read(in tree: DirectoryTree) throws -> [ObjectInfo] {
        if !parents.isEmpty {
            try LakeKeys.verify(parents.joined(separator: "/"), during: "list")
        }
        var found: [ObjectInfo] = []
        guard limit > 0, let folder = try tree.find(parents) else { return [] }
        try read(folder, below: parents.map { $0 + "/" }.joined(), into: &found)
        return found
    }

    private func read(
        _ folder: Folder, below path: String, into found: inout [ObjectInfo]
    ) throws {
        var names = NameRange(below: path, prefix: prefix, marker: marker)
        while true {
            var first = FirstNames(limit: limit - found.count)
            try folder.visit { name, isFolder throws(FileError) in
                if names.mayHold(name, isFolder: isFolder) { first.add(name, isFolder: isFolder) }
            }
            let nearest = first.take()
            for name in nearest {
                if found.count >= limit { return }
                try read(name, in: folder, below: path, into: &found)
            }
            // What was cut away is needed only where too little of the rest was an object.
            guard first.isCut, let last = nearest.last, found.count < limit else { return }
            names.begin(behind: last)
        }
    }

    /// - Parameter name: Ends with a slash when it is a folder's.
    private func read(
        _ name: [UInt8], in folder: Folder, below path: String, into found: inout [ObjectInfo]
    ) throws {
        guard let text = String(validating: name, as: UTF8.self) else { return }
        if text.hasSuffix("/") {
            // It may be gone since its name was read.
            guard let next = try folder.folder(String(text.dropLast())) else { return }
            try read(next, below: path + text, into: &found)
        } else if let info = try folder.info(text), info.kind == .file {
            found.append(
                ObjectInfo(key: path + text, bytes: info.bytes, modifiedAt: info.modifiedAt))
        }
    }
}

/// Which names of one folder can lead to keys of a listing.
private struct NameRange {
    /// What of the listing's prefix and marker concerns names of this folder.
    private let prefix: [UInt8]
    private var marker: [UInt8]?
    private var isBehindFolder = false

    init(below path: String, prefix: [UInt8], marker: [UInt8]?) {
        let path = Array(path.utf8)
        self.prefix = prefix.starts(with: path) ? Array(prefix.dropFirst(path.count)) : []
        // A marker elsewhere is before this folder, which would not be read otherwise.
        self.marker = marker.flatMap {
            $0.starts(with: path) ? Array($0.dropFirst(path.count)) : nil
        }
    }

    /// From now on only what sorts behind `name`, all of which has been read.
    mutating func begin(behind name: [UInt8]) {
        marker = name
        isBehindFolder = true
    }

    func mayHold(_ name: UnsafeRawBufferPointer, isFolder: Bool) -> Bool {
        guard name.first != UInt8(ascii: ".") else { return false }
        if isFolder { return mayHoldFolder(Array(name) + [UInt8(ascii: "/")]) }
        guard prefix.isEmpty || name.starts(with: prefix) else { return false }
        guard let marker else { return true }
        return name != marker && !name.precedes(marker)
    }

    private func mayHoldFolder(_ name: [UInt8]) -> Bool {
        guard name.starts(with: prefix) || prefix.starts(with: name) else { return false }
        guard let marker else { return true }
        let isBehind = name.withUnsafeBytes { $0 != marker && !$0.precedes(marker) }
        return isBehind || (!isBehindFolder && marker.starts(with: name))
    }
}

extension UnsafeRawBufferPointer {
    fileprivate static func != (left: UnsafeRawBufferPointer, right: [UInt8]) -> Bool {
        !left.elementsEqual(right)
    }
}
