import Pipelines

/// Makes a record file and rejects of an object with JSON documents: an array of objects, an
/// object, or several of either one behind the other. What lies before a fault is kept.
///
/// A faulty record whose brackets match is one reject. Where they do not, nobody knows where the
/// next record starts: all that follows is one reject with the line of its first byte.
struct JSONDocumentReader {
    private var reader: JSONRecordReader
    /// The keys that lead to the records inside of a document; empty where it is the records.
    private let path: [String]
    private let object: Int
    private let bytes: UnsafeRawBufferPointer
    private var lines: LineCounter
    private var scanner: JSONScanner

    /// Fields that no column takes.
    var strangers: Strangers { reader.strangers }

    init(
        _ job: TransformJob, _ format: JSONFormat, _ bytes: UnsafeRawBufferPointer, from start: Int,
        object: Int
    ) {
        reader = JSONRecordReader(job)
        path = format.path
        self.object = object
        self.bytes = bytes
        lines = LineCounter(bytes)
        scanner = JSONScanner(bytes, from: start, to: bytes.count)
    }

    /// Reads the whole object.
    ///
    /// - Throws: `EngineError`; `Refusal` when the object's first document holds no records.
    mutating func read(
        into records: inout RecordFile, _ rejects: inout RejectFile
    ) throws {
        scanner.skipBlanks()
        guard scanner.peek != nil else { throw Refusal(.unreadable, "the object is empty") }
        var isFirst = true
        do {
            repeat {
                let start = scanner.position
                do {
                    try document(path[...], into: &records, &rejects)
                } catch let refusal as Refusal where !isFirst {
                    scanner.position = start
                    _ = try scanner.value()
                    try add(refusal, start..<scanner.position, to: &rejects)
                }
                isFirst = false
                scanner.skipBlanks()
            } while scanner.peek != nil
        } catch let fault as JSONFault {
            let refusal = refusal(fault, "; nothing behind it can be read")
            try add(refusal, fault.start..<bytes.count, to: &rejects)
        }
    }

    /// Reads a document, or what a key of the path leads to.
    private mutating func document(
        _ rest: ArraySlice<String>, into records: inout RecordFile, _ rejects: inout RejectFile
    ) throws {
        guard let name = rest.first else {
            switch scanner.peek {
            case UInt8(ascii: "["): try array(into: &records, &rejects)
            case UInt8(ascii: "{"): try record(isInArray: false, into: &records, &rejects)
            default:
                let (line, byte) = lines.place(of: scanner.position)
                let noun = try scanner.value().kind.noun
                throw missing(
                    "\(place()) is \(noun) (line \(line), byte \(byte)); expected an array of "
                        + "objects, or an object")
            }
            return
        }
        guard scanner.peek == UInt8(ascii: "{") else {
            let noun = try scanner.value().kind.noun
            throw missing("`\(name)` is looked for in an object, and \(place(rest)) is \(noun)")
        }
        try member(name, of: rest, into: &records, &rejects)
    }

    /// Goes over an object's members and reads the one that the path names.
    private mutating func member(
        _ name: String, of rest: ArraySlice<String>, into records: inout RecordFile,
        _ rejects: inout RejectFile
    ) throws {
        var names: [String] = []
        _ = scanner.take(UInt8(ascii: "{"))
        scanner.skipBlanks()
        var isOpen = !scanner.take(UInt8(ascii: "}"))
        while isOpen {
            let key = try scanner.key()
            var text: [UInt8] = []
            _ = JSONText.decode(bytes, key, into: &text)
            let found = String(decoding: text, as: UTF8.self)
            if found == name, names.contains(name) {
                throw scanner.fault("`\(name)` is there twice")
            }
            if found == name {
                try document(rest.dropFirst(), into: &records, &rejects)
            } else {
                _ = try scanner.value()
            }
            // Enough for a message.
            if names.count < 20 || found == name { names.append(found) }
            scanner.skipBlanks()
            isOpen = !scanner.take(UInt8(ascii: "}"))
            guard !isOpen || scanner.take(UInt8(ascii: ",")) else {
                throw scanner.fault("`,` or `}` is expected")
            }
            scanner.skipBlanks()
        }
        guard !names.contains(name) else { return }
        let there = names.isEmpty ? "nothing" : names.map(Rejection.quoted).joined(separator: ", ")
        throw missing("\(place(rest)) has no `\(name)`; it has \(there)")
    }

    private mutating func array(
        into records: inout RecordFile, _ rejects: inout RejectFile
    ) throws {
        _ = scanner.take(UInt8(ascii: "["))
        scanner.skipBlanks()
        var isOpen = !scanner.take(UInt8(ascii: "]"))
        while isOpen {
            try record(isInArray: true, into: &records, &rejects)
            scanner.skipBlanks()
            isOpen = !scanner.take(UInt8(ascii: "]"))
            guard !isOpen || scanner.take(UInt8(ascii: ",")) else {
                throw scanner.fault("`,` or `]` is expected")
            }
            scanner.skipBlanks()
        }
    }

    private mutating func record(
        isInArray: Bool, into records: inout RecordFile, _ rejects: inout RejectFile
    ) throws {
        let start = scanner.position
        var own = JSONScanner(bytes, from: start, to: bytes.count)
        var refusal: Refusal?
        do {
            if own.peek == UInt8(ascii: "{") {
                refusal = try reader.find(&own)
            } else {
                let noun = try own.value().kind.noun
                refusal = Refusal(.malformed, "a record is an object `{…}`, and this is \(noun)")
            }
        } catch {
            guard let end = end(of: start, isInArray: isInArray) else {
                throw error.following(start)
            }
            refusal = self.refusal(error)
            own.position = end
        }
        scanner.position = own.position
        let range = start..<own.position
        if let refusal = JSONRecordReader.obstacle(bytes, range) ?? refusal {
            try add(refusal, range, to: &rejects)
        } else {
            let line = lines.place(of: start).line
            try reader.write(bytes, range, line: line, into: &records)
        }
    }

    /// Where a faulty record ends; nil when that is not sure.
    private func end(of start: Int, isInArray: Bool) -> Int? {
        guard let end = JSONBrackets.end(bytes, from: start, to: bytes.count) else { return nil }
        var next = JSONScanner(bytes, from: end, to: bytes.count)
        next.skipBlanks()
        guard let byte = next.peek else { return isInArray ? nil : end }
        let followers = isInArray ? ",]" : path.isEmpty ? "{[" : ",}"
        return followers.utf8.contains(byte) ? end : nil
    }

    private func refusal(_ fault: JSONFault, _ rest: String = "") -> Refusal {
        // The lines behind a record's start are counted anew: there are few faults.
        var ahead = lines
        let (line, byte) = ahead.place(of: fault.position)
        return Refusal(
            .malformed, "not JSON: \(fault.message) (line \(line), byte \(byte))\(rest)")
    }

    private mutating func add(
        _ refusal: Refusal, _ range: Range<Int>, to rejects: inout RejectFile
    ) throws(EngineError) {
        let raw = UnsafeRawBufferPointer(rebasing: bytes[range])
        try rejects.add(
            Rejection(
                object: object, line: lines.place(of: range.lowerBound).line,
                field: refusal.field, reason: refusal.reason, message: refusal.message,
                raw: Rejection.text(raw)))
    }

    private func missing(_ message: String) -> Refusal {
        Refusal(.missingColumn, field: path.isEmpty ? nil : path.joined(separator: "."), message)
    }

    /// What the keys of the path that are behind us lead to.
    private func place(_ rest: ArraySlice<String> = []) -> String {
        let behind = path.dropLast(rest.count)
        return behind.isEmpty ? "the document" : "`\(behind.joined(separator: "."))`"
    }
}

extension JSONFault {
    /// Where what cannot be read begins.
    fileprivate var start: Int { recordStart ?? position }

    /// The same fault, inside of a record.
    fileprivate func following(_ start: Int) -> JSONFault {
        var fault = self
        fault.recordStart = start
        return fault
    }
}
