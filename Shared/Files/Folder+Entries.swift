import Glibc

extension Folder {
    /// A name in a folder.
    public struct Entry: Sendable, Equatable {
        public let name: String
        public let isFolder: Bool
    }

    /// Files and folders, in no order. Links, pipes and devices are left out, and so are names that
    /// are not UTF-8.
    public func entries() throws(FileError) -> [Entry] {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw FileError("read", path) }
        defer { closedir(stream) }
        var entries: [Entry] = []
        errno = 0
        while let entry = readdir(stream) {
            if let found = try self.entry(entry) { entries.append(found) }
            errno = 0
        }
        guard errno == 0 else { throw FileError("read", path) }
        return entries
    }

    private func entry(_ entry: UnsafeMutablePointer<dirent>) throws(FileError) -> Entry? {
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        // The name ends with a zero byte inside the record, which may be shorter than `dirent`.
        let start = UnsafeRawPointer(entry).advanced(by: offset)
        guard let name = String(validatingCString: start.assumingMemoryBound(to: CChar.self)),
            name != ".", name != ".."
        else { return nil }
        switch Int(entry.pointee.d_type) {
        case Int(DT_REG): return Entry(name: name, isFolder: false)
        case Int(DT_DIR): return Entry(name: name, isFolder: true)
        case Int(DT_UNKNOWN):
            guard let kind = try info(name)?.kind, kind == .file || kind == .folder else {
                return nil
            }
            return Entry(name: name, isFolder: kind == .folder)
        default: return nil
        }
    }
}
