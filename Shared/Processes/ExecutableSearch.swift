import Glibc

/// Finds programs as a shell would, before anything is started, so that a missing one has a
/// sentence of its own.
public enum ExecutableSearch {
    /// The path of `name`: itself when it holds a `/`, else the first hit in `PATH`.
    ///
    /// - Throws: `ProcessError` (unusable) when there is none that may be run.
    public static func path(
        of name: String, _ environment: [String: String]? = nil
    ) throws(ProcessError) -> String {
        if name.contains("/") {
            guard access(name, X_OK) == 0 else {
                throw ProcessError(errorNumber: errno, doing: "cannot run `\(name)`")
            }
            return name
        }
        let search = environment?["PATH"] ?? getenv("PATH").map { String(cString: $0) }
        for folder in (search ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":") {
            let path = "\(folder)/\(name)"
            if access(path, X_OK) == 0 { return path }
        }
        throw ProcessError(.unusable, "there is no program `\(name)` in PATH; install it")
    }
}
