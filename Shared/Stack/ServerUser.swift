import Foundation
import Glibc
import Processes

/// The user that PostgreSQL runs as: this one, or another where this one is root, which it refuses.
enum ServerUser: Sendable {
    case current
    case other(name: String, user: uid_t, group: gid_t)

    /// Debian's `postgres` where the caller is root, or `nobody`.
    static func choose() throws(StackError) -> ServerUser {
        guard geteuid() == 0 else { return .current }
        for name in ["postgres", "nobody"] {
            // The result points into a static buffer, which is read before anybody else asks.
            if let entry = getpwnam(name)?.pointee {
                return .other(name: name, user: entry.pw_uid, group: entry.pw_gid)
            }
        }
        throw StackError("there is no user `postgres` or `nobody` to run PostgreSQL as")
    }

    /// Makes the user own a file or folder.
    func own(_ path: String) throws {
        guard case .other(_, let user, let group) = self else { return }
        guard chown(path, user, group) == 0 else {
            throw StackError("cannot hand over `\(path)`: \(String(cString: strerror(errno)))")
        }
    }

    /// How the user sees `folder`.
    ///
    /// Another user may not be allowed to walk there (root's home is closed), so the folder comes
    /// as an open descriptor, whose path in /proc leads straight to it.
    func view(of folder: String) -> String {
        switch self {
        case .current: folder
        case .other: "/proc/self/fd/9"
        }
    }

    /// The command that runs a program as the user, with `folder` in view.
    func command(_ program: String, _ arguments: [String], folder: String) -> Command {
        guard case .other(_, let user, let group) = self else {
            return Command(program, arguments, orphanSignal: .int)
        }
        // A change of user clears the orphan signal, so it is asked for in the same step.
        let script =
            "exec 9<\"$0\"; exec setpriv --reuid=\(user) --regid=\(group) "
            + "--clear-groups --pdeathsig=INT -- \"$@\""
        return Command("/bin/sh", ["-c", script, folder, program] + arguments, orphanSignal: nil)
    }
}
