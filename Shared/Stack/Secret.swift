import Foundation
import Glibc

/// A generated password in a file that only its owner can read.
public enum Secret {
    /// The secret in `path`; made, 130 bits of it, when there is none.
    public static func ensure(at path: String) throws -> String {
        if let known = try read(path) { return known }
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        // The system's generator is getrandom(2).
        let secret = String((0..<26).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
        try write(secret, to: path)
        return secret
    }

    /// The secret in `path`; nil when there is no such file.
    public static func read(_ path: String) throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try String(contentsOfFile: path, encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Writes a file that nobody else can read at any moment.
    static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StackError("cannot write `\(path)`: \(String(cString: strerror(errno)))")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try file.write(contentsOf: Data((text + "\n").utf8))
        try file.synchronize()
    }
}
