/// Which release this is: shown by `--version`, told to the broker, written into dead letters.
public enum Version {
    /// Semantic version of the whole product; all its processes carry the same.
    public static let current = "0.1.0"
}
