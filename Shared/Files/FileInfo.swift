public import Foundation
import Glibc

/// What the file system knows of a file.
public struct FileInfo: Sendable, Equatable {
    public enum Kind: Sendable { case file, folder, link, other }

    public let kind: Kind
    public let bytes: Int
    /// Nanoseconds since 1970.
    public let modifiedNanoseconds: Int64
    /// With `inode` it tells one file from all others of this host.
    public let device: UInt64
    public let inode: UInt64
    /// The number of names that the file has.
    public let links: Int
    /// The user that owns it.
    public let owner: UInt32

    init(_ status: stat) {
        kind =
            switch status.st_mode & 0o170000 {
            case 0o100000: .file
            case 0o040000: .folder
            case 0o120000: .link
            default: .other
            }
        bytes = Int(status.st_size)
        modifiedNanoseconds =
            Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        links = Int(status.st_nlink)
        owner = status.st_uid
    }

    public var modifiedAt: Date {
        Date(timeIntervalSince1970: Double(modifiedNanoseconds) / 1_000_000_000)
    }

    /// True when nobody has written to it between the two looks.
    public func isUnchanged(since earlier: FileInfo) -> Bool {
        device == earlier.device && inode == earlier.inode && bytes == earlier.bytes
            && modifiedNanoseconds == earlier.modifiedNanoseconds
    }
}
