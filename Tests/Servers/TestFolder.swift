import Foundation
import Glibc
import Stack

/// A folder for one run: in memory where there is room, since test servers write a lot.
enum TestFolder {
    private static let needed = 2 << 30

    static func make() throws -> String {
        let root = hasRoom("/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        let path = "\(root)/millrace-test-\(getpid())"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        return path
    }

    private static func hasRoom(_ path: String) -> Bool {
        guard access(path, W_OK) == 0 else { return false }
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return false }
        return Int(status.f_bavail) * Int(status.f_frsize) >= needed
    }
}
