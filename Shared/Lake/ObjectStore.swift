public import Events

public import struct Foundation.Data
public import struct Foundation.Date

/// What the lake knows of an object without reading it.
public struct ObjectInfo: Sendable, Equatable {
    public let key: String
    public let bytes: Int
    public let modifiedAt: Date

    public init(key: String, bytes: Int, modifiedAt: Date) {
        self.key = key
        self.bytes = bytes
        self.modifiedAt = modifiedAt
    }
}

/// Why the lake could not do what was asked.
public struct LakeError: ClassifiedError {
    public enum Kind: Sendable, Equatable { case notFound, exists, refused, full, unreachable }

    public let kind: Kind
    public let operation: String
    public let detail: String

    public init(_ kind: Kind, during operation: String, _ detail: String) {
        self.kind = kind
        self.operation = operation
        self.detail = detail
    }

    public var disposition: Disposition {
        switch kind {
        case .notFound, .exists, .refused: .permanent
        case .full, .unreachable: .transient
        }
    }

    public var errorClass: String { "lake.\(kind)" }
    public var description: String { "\(operation): \(detail)" }
}

/// The lake: objects under keys. Keys use `/`, have at most 1,024 bytes and no part `.` or `..`.
///
/// Every write is atomic and durable: a reader sees the whole object or none, and once a call has
/// returned, a power cut does not undo it.
public protocol ObjectStore: Sendable {
    /// Writes an object, replacing one of the same key.
    func put(_ bytes: Data, at key: String) async throws(LakeError)
    /// Writes an object unless one is there.
    /// - Returns: False when one was there; it is left as it is.
    func putIfAbsent(_ bytes: Data, at key: String) async throws(LakeError) -> Bool
    /// Takes over a local file, replacing an object of the same key. The file is gone afterwards.
    ///
    /// The object appears only when the file is gone. Whoever was killed in the middle says the
    /// same again: that ends what was begun, or throws `notFound` when nothing was left to do.
    func put(fileAt path: String, at key: String) async throws(LakeError)
    /// - Throws: `notFound`; `refused` when it is larger than `limitBytes`.
    func get(_ key: String, limitBytes: Int) async throws(LakeError) -> Data
    /// The SHA-256 of an object's bytes in lower-case hexadecimal, whatever its size.
    /// - Throws: `notFound`.
    func sha256(of key: String) async throws(LakeError) -> String
    /// Nil when there is no such object.
    func info(_ key: String) async throws(LakeError) -> ObjectInfo?
    /// Up to `limit` objects whose keys start with `prefix` and sort behind `marker`, in key order.
    func list(
        prefix: String, after marker: String?, limit: Int
    ) async throws(LakeError) -> [ObjectInfo]
    /// Moves an object in one step: of two movers of one object, one wins.
    /// - Returns: False when `source` is not there.
    func move(_ source: String, to target: String) async throws(LakeError) -> Bool
    /// Deletes; what is not there is no error.
    func delete(_ keys: [String]) async throws(LakeError)
    /// How an engine names the object: an absolute path, or a URL that it can read.
    func location(of key: String) -> String
    /// A folder on this host for files that `put(fileAt:at:)` will take over.
    func scratch() async throws(LakeError) -> String
    /// Removes what writers who died before `date` have left unfinished, and nothing else.
    /// - Returns: The names of what was removed, for a log.
    func removeLeftovers(before date: Date) async throws(LakeError) -> [String]
    /// Throws when the lake cannot be used now. For readiness.
    func check() async throws(LakeError)
}
