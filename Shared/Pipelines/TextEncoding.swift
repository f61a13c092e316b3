/// How the characters of delimited text are written, where it is not UTF-8.
public enum TextEncoding: String, Codable, Sendable, CaseIterable {
    case utf16 = "utf-16"
    case latin1 = "latin1"
    case latin9 = "latin9"
    case windows1250 = "windows-1250"
    case windows1251 = "windows-1251"
    case windows1252 = "windows-1252"
}
