import Foundation
import Glibc

/// The wish that a part which has ended stays down for a while, e.g. while an outage is rehearsed.
///
/// It is a file `hold/<part>` in the stack's folder with the time of its own end, so that a
/// rehearsal that is killed does not keep a stack down.
public struct StackHold: Sendable {
    private let folder: String
    private let path: String

    public init(_ part: StackPart, in folder: StackFolder) {
        self.folder = folder.path + "/hold"
        path = "\(self.folder)/\(part.rawValue)"
    }

    /// Keeps the part down once it has ended, for at most that long.
    public func place(for duration: Duration) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let end = Date().timeIntervalSince1970 + duration / .seconds(1)
        try Data("\(end)\n".utf8).write(to: URL(filePath: path), options: .atomic)
    }

    /// Lets the part come back. Doing so twice is no error.
    public func lift() throws {
        guard unlink(path) != 0, errno != ENOENT else { return }
        throw StackError("cannot remove `\(path)`: \(String(cString: strerror(errno)))")
    }

    /// True while the part is to stay down.
    var isInForce: Bool {
        // No such file is the answer that nobody holds it.
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return false }
        let end = Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        return Date().timeIntervalSince1970 < end
    }
}
