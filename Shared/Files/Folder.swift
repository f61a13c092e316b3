import CLinux
import Glibc

/// An open folder. Links in names are not followed.
public final class Folder: Sendable {
    /// For messages; the folder stays the same when it is renamed.
    public let path: String
    let descriptor: Int32

    /// Opens a folder; its own path may be a link.
    public convenience init(_ path: String) throws(FileError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        self.init(path: path, descriptor: descriptor)
    }

    /// Opens a folder by its absolute path and makes it, and those above it, where they are
    /// missing.
    public static func make(_ path: String) throws(FileError) -> Folder {
        var missing: [Substring] = []
        var parts = path.split(separator: "/")
        while access("/" + parts.joined(separator: "/"), F_OK) != 0, let last = parts.popLast() {
            missing.insert(last, at: 0)
        }
        var folder = try Folder("/" + parts.joined(separator: "/"))
        for part in missing { folder = try folder.making(String(part)) }
        return folder
    }

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// The folder of that name in this one; nil when there is none, but perhaps a file or a link.
    public func folder(_ name: String) throws(FileError) -> Folder? {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let found = openat(descriptor, name, flags)
        if found < 0 && [ENOENT, ENOTDIR, ELOOP].contains(errno) { return nil }
        guard found >= 0 else { throw FileError("open", path(of: name)) }
        return Folder(path: path(of: name), descriptor: found)
    }

    /// The folder of that name in this one, made and synced where it is missing.
    public func making(_ name: String) throws(FileError) -> Folder {
        if let found = try folder(name) { return found }
        guard mkdirat(descriptor, name, 0o777) == 0 || errno == EEXIST else {
            throw FileError("make", path(of: name))
        }
        try sync()
        guard let made = try folder(name) else {
            throw FileError("open", path(of: name), code: ENOTDIR)
        }
        return made
    }

    /// What is known of the file of that name; nil when there is none.
    public func info(_ name: String) throws(FileError) -> FileInfo? {
        var status = stat()
        if fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return FileInfo(status) }
        guard errno == ENOENT else { throw FileError("look at", path(of: name)) }
        return nil
    }

    /// Opens a file for reading; nil when there is none.
    public func open(_ name: String) throws(FileError) -> OpenFile? {
        // Without O_NONBLOCK a named pipe would hold the lane until somebody writes to it.
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let found = openat(descriptor, name, flags)
        if found < 0 && errno == ENOENT { return nil }
        guard found >= 0 else { throw FileError("open", path(of: name)) }
        return OpenFile(path: path(of: name), descriptor: found)
    }

    /// Makes a new file for writing and reading.
    public func create(_ name: String) throws(FileError) -> OpenFile {
        let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC
        let made = openat(descriptor, name, flags, 0o666)
        guard made >= 0 else { throw FileError("create", path(of: name)) }
        return OpenFile(path: path(of: name), descriptor: made)
    }

    /// Opens a file for writing and reading, and makes it where it is missing.
    public func openOrCreate(_ name: String) throws(FileError) -> OpenFile {
        let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC
        let file = openat(descriptor, name, flags, 0o666)
        guard file >= 0 else { throw FileError("open", path(of: name)) }
        return OpenFile(path: path(of: name), descriptor: file)
    }

    /// Gives a file another place in one step, replacing what is there.
    /// - Returns: False when there is no such file.
    public func rename(
        _ name: String, into target: Folder, as newName: String
    ) throws(FileError) -> Bool {
        if renameat(descriptor, name, target.descriptor, newName) == 0 { return true }
        guard errno == ENOENT else { throw FileError("rename", path(of: name)) }
        return false
    }

    /// How a rename that replaces nothing ended.
    public enum Renaming: Sendable { case done, sourceMissing, targetExists }

    /// Gives a file another place in one step, unless something is there already.
    public func renameWithoutReplacing(
        _ name: String, into target: Folder, as newName: String
    ) throws(FileError) -> Renaming {
        let result = linux_rename_without_replacing(
            descriptor, name, target.descriptor, newName)
        if result == 0 { return .done }
        switch errno {
        case ENOENT: return .sourceMissing
        case EEXIST: return .targetExists
        case EINVAL, ENOSYS:
            // Network file systems know no such step; the look and the rename are two there.
            if try target.info(newName) != nil { return .targetExists }
            return try rename(name, into: target, as: newName) ? .done : .sourceMissing
        default: throw FileError("rename", path(of: name))
        }
    }

    /// Deletes a file.
    /// - Returns: False when there was none.
    @discardableResult
    public func remove(_ name: String) throws(FileError) -> Bool {
        if unlinkat(descriptor, name, 0) == 0 { return true }
        guard errno == ENOENT else { throw FileError("delete", path(of: name)) }
        return false
    }

    /// Deletes a folder.
    /// - Returns: False when there was none, or it is not empty.
    @discardableResult
    public func removeFolder(_ name: String) throws(FileError) -> Bool {
        if unlinkat(descriptor, name, AT_REMOVEDIR) == 0 { return true }
        guard [ENOENT, ENOTEMPTY, EEXIST].contains(errno) else {
            throw FileError("delete", path(of: name))
        }
        return false
    }

    /// Makes every change of names in this folder durable.
    public func sync() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError("sync", path) }
    }

    /// The path of a name in this folder.
    public func path(of name: String) -> String {
        path.hasSuffix("/") ? path + name : "\(path)/\(name)"
    }
}
