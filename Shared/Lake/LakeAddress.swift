import Foundation

/// Opens the lake that a setting names.
public enum LakeAddress {
    /// The store at `url`: `file:///an/absolute/folder`. The folder is made on first use.
    ///
    /// - Throws: `refused` with what is wrong and what would be right.
    public static func open(_ url: String) throws(LakeError) -> any ObjectStore {
        DirectoryStore(root: try folder(of: url))
    }

    /// The folder behind the URL of a lake that is one.
    public static func folder(of url: String) throws(LakeError) -> String {
        let example = "write it like `file:///srv/millrace/lake`"
        guard let separator = url.range(of: "://") else {
            throw LakeError(.refused, during: "open lake", "`\(url)` is not a URL; \(example)")
        }
        let scheme = url[..<separator.lowerBound].lowercased()
        guard scheme == "file" else {
            throw LakeError(
                .refused, during: "open lake",
                "`\(scheme)://` is not supported; the lake can be at `file://`: \(example)")
        }
        let text = String(url[separator.upperBound...])
        guard text.hasPrefix("/") else {
            throw LakeError(
                .refused, during: "open lake",
                "`\(url)` names a host; the folder must be on this one: \(example)")
        }
        guard let path = text.removingPercentEncoding, !path.utf8.contains(0),
            !path.contains("?"), !path.contains("#"),
            !path.split(separator: "/").contains("..")
        else {
            throw LakeError(.refused, during: "open lake", "`\(url)` is no folder; \(example)")
        }
        return path
    }
}
