/// Takes the records that are new.
protocol RecordTarget: AnyObject, Sendable {
    /// One whole record, without a line end.
    func take(_ record: UnsafeRawBufferPointer) throws
    /// The next bytes of a record that is too long to be held.
    func takePiece(_ bytes: UnsafeRawBufferPointer) throws
    /// The record that came in pieces is whole.
    func endPieces() throws
    /// No more will come.
    func flush() throws
}

/// Hands on the new ones of the records that it is given.
struct NewRecords: RecordOutput {
    /// A longer record is handed on in pieces, for the engine to reject.
    private static let limit = 16 << 20

    private let target: any RecordTarget
    private(set) var novelty: Novelty?
    private(set) var records = 0
    private(set) var taken = 0
    private var record: [UInt8] = []
    private var isTooLong = false

    init(_ target: any RecordTarget, _ novelty: Novelty?) {
        self.target = target
        self.novelty = novelty
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) throws {
        record.append(contentsOf: bytes)
        guard record.count > Self.limit else { return }
        isTooLong = true
        try record.withUnsafeBytes { try target.takePiece($0) }
        record = []
    }

    mutating func endRecord() throws {
        records += 1
        if isTooLong {
            try record.withUnsafeBytes { try target.takePiece($0) }
            try target.endPieces()
            taken += 1
        } else if try record.withUnsafeBytes({ try novelty?.isNew($0) ?? true }) {
            try record.withUnsafeBytes { try target.take($0) }
            taken += 1
        }
        isTooLong = false
        record.removeAll(keepingCapacity: record.capacity < 1 << 20)
    }

    func flush() throws { try target.flush() }
}
