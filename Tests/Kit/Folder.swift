import Foundation

/// Runs `body` with a new empty folder and removes it, with all that is in it, afterwards.
public func withFolder<Value>(
    _ body: (_ path: String) async throws -> Value
) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.path + "/millrace-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let outcome: Result<Value, any Error>
    do { outcome = .success(try await body(path)) } catch { outcome = .failure(error) }
    try FileManager.default.removeItem(atPath: path)
    return try outcome.get()
}
