import Pipelines

/// The rejects that were found outside of the engine's program, in a file that it can read.
struct RejectFile: ~Copyable {
    private var file: RecordFile
    private let redaction: Redaction?
    private(set) var count = 0
    /// The longest value that is kept beside the record, in characters.
    private static let valueLimit = 4_096

    init(_ path: String, of dataset: Dataset) throws(EngineError) {
        file = try RecordFile(path)
        redaction = Redaction(dataset)
    }

    mutating func add(_ rejection: Rejection) throws(EngineError) {
        let rejection = redaction?.applied(to: rejection) ?? rejection
        count += 1
        file.number(rejection.object)
        if let line = rejection.line { file.number(line) } else { file.null() }
        file.text(rejection.field.map(Self.storable))
        file.text(rejection.reason.rawValue)
        file.text(Self.storable(rejection.message))
        file.text(Self.storable(rejection.raw))
        file.text(rejection.stage.rawValue)
        file.text(rejection.value.map { Self.storable(String($0.prefix(Self.valueLimit))) })
        try file.endRecord()
    }

    mutating func flush() throws(EngineError) {
        try file.flush()
    }

    /// PostgreSQL keeps no NUL in a text: the picture of one stands for it.
    private static func storable(_ text: String) -> String {
        text.utf8.contains(0) ? text.replacing("\0", with: "\u{2400}") : text
    }
}
