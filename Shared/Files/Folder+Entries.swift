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
        var entries: [Entry] = []
        try visit { name, isFolder throws(FileError) in
            guard let name = String(validating: name, as: UTF8.self) else { return }
            entries.append(Entry(name: name, isFolder: isFolder))
        }
        return entries
    }

    /// Lends the name of each file and folder to `body`, in no order and without keeping any, so
    /// that a folder of a million names costs no memory. Links, pipes and devices are left out.
    public func visit(
        _ body: (_ name: UnsafeRawBufferPointer, _ isFolder: Bool) throws(FileError) -> Void
    ) throws(FileError) {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw FileError("read", path) }
        guard let stream = fdopendir(copy) else {
            close(copy)
            throw FileError("read", path)
        }
        defer { closedir(stream) }
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        errno = 0
        while let entry = readdir(stream) {
            // The name ends with a zero byte inside the record, which may be shorter than `dirent`.
            let start = UnsafeRawPointer(entry).advanced(by: offset)
            let text = start.assumingMemoryBound(to: CChar.self)
            let name = UnsafeRawBufferPointer(start: start, count: strlen(text))
            let isOwn = name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8)
            if !isOwn, let isFolder = try isFolder(text, Int(entry.pointee.d_type)) {
                try body(name, isFolder)
            }
            errno = 0
        }
        guard errno == 0 else { throw FileError("read", path) }
    }

    /// Nil for what is neither a file nor a folder.
    private func isFolder(_ name: UnsafePointer<CChar>, _ kind: Int) throws(FileError) -> Bool? {
        switch kind {
        case Int(DT_REG): return false
        case Int(DT_DIR): return true
        case Int(DT_UNKNOWN):
            // Some file systems do not say it here.
            let kind = try info(String(cString: name))?.kind
            return kind == .file ? false : kind == .folder ? true : nil
        default: return nil
        }
    }
}
