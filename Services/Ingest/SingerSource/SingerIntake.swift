import Events
import Foundation
import Spool
import Synchronization

/// Takes the messages of one run of a tap: the records of each wanted stream into a segment, and
/// the last state behind which nothing is missing.
final class SingerIntake: Sendable {
    /// What was noticed on the way, for the log.
    struct Notices {
        /// Lines that are no messages; they are in the first dataset's segment, as rejects to be.
        var strange = 0
        /// States that are no JSON.
        var badStates = 0
        /// Messages of kinds that are not known or not needed.
        var ignored: [String: Int] = [:]
        /// Records of streams that nobody asked for.
        var unwanted = 0
    }

    private struct State {
        var cut = LineCut()
        var outputs: [SegmentLines]
        var bookmark: String?
        var notices = Notices()
    }

    /// The outputs that each stream goes to.
    private let routes: [String: [Int]]
    private let state: Mutex<State>

    /// - Parameters:
    ///   - segments: One for each dataset.
    ///   - routes: Where streams go, by all names that they may have.
    init(_ segments: [GrowingSegment], _ routes: [String: [Int]], bookmark: String?) {
        self.routes = routes
        state = Mutex(State(outputs: segments.map { SegmentLines($0) }, bookmark: bookmark))
    }

    /// The tap's last state.
    var bookmark: String? { state.withLock { $0.bookmark } }
    var notices: Notices { state.withLock { $0.notices } }

    /// Takes a piece of its output. It blocks: for a lane.
    func take(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            var cut = state.cut
            state.cut = LineCut()
            defer { state.cut = cut }
            try cut.take(bytes) { line in try self.handle(line, &state) }
        }
    }

    /// Ends a run that went well: all records count.
    func finish() throws {
        try state.withLock { state in
            try state.cut.finish()
            for index in state.outputs.indices { try state.outputs[index].flush() }
        }
    }

    /// Ends a run that failed: what came behind the last state is forgotten, since the tap sends it
    /// again.
    func rewind() throws {
        try state.withLock { state in
            for index in state.outputs.indices { try state.outputs[index].rewind() }
        }
    }

    private func handle(_ line: UnsafeRawBufferPointer, _ state: inout State) throws {
        guard line.contains(where: { $0 > 0x20 }) else { return }
        guard let message = SingerMessage(line) else {
            // Perhaps a record that is not whole. The engine makes it a reject with its reason.
            state.notices.strange += 1
            return try state.outputs[0].add(line)
        }
        guard let type = message.text("type")?.uppercased() else {
            throw bad("a message without `type`")
        }
        switch type {
        case "RECORD": try record(message, &state)
        case "SCHEMA": try check(message)
        case "STATE": keep(message, &state)
        case "BATCH":
            throw PollFailure(
                .permanent, "singer.batch",
                "it sends files (BATCH) in place of records: switch that off in its config")
        default:
            let isKnown = state.notices.ignored[type] != nil
            guard isKnown || state.notices.ignored.count < 20 else { return }
            state.notices.ignored[type, default: 0] += 1
        }
    }

    private func record(_ message: SingerMessage, _ state: inout State) throws {
        guard let stream = message.text("stream"), let record = message["record"] else {
            throw bad("a RECORD without `stream` or `record`")
        }
        guard let outputs = routes[stream] else {
            state.notices.unwanted += 1
            return
        }
        for index in outputs { try state.outputs[index].add(record) }
    }

    private func check(_ message: SingerMessage) throws {
        guard let stream = message.text("stream") else { throw bad("a SCHEMA without `stream`") }
        guard routes[stream] != nil else { return }
        guard message["schema"].flatMap(Self.object) is [String: Any] else {
            throw bad("the SCHEMA of `\(stream)` has no `schema`")
        }
        guard message["key_properties"].flatMap(Self.object) is [String] else {
            throw bad("the SCHEMA of `\(stream)` has no list `key_properties`")
        }
    }

    private func keep(_ message: SingerMessage, _ state: inout State) {
        guard let value = message["value"], Self.object(value) != nil else {
            state.notices.badStates += 1
            return
        }
        state.bookmark = String(decoding: value, as: UTF8.self)
        for index in state.outputs.indices { state.outputs[index].mark() }
    }

    private func bad(_ what: String) -> PollFailure {
        PollFailure(.permanent, "singer.bad_message", "it sends \(what)")
    }

    private static func object(_ text: UnsafeRawBufferPointer) -> Any? {
        // Foundation lets commas before a bracket pass; the tap's own reader would not.
        guard !hasLooseComma(text) else { return nil }
        do {
            return try JSONSerialization.jsonObject(
                with: Data(text), options: .fragmentsAllowed)
        } catch {
            return nil
        }
    }

    private static func hasLooseComma(_ text: UnsafeRawBufferPointer) -> Bool {
        var (isInText, isEscaped, isAfterComma) = (false, false, false)
        for byte in text where byte > 0x20 {
            if isInText {
                if byte == UInt8(ascii: "\""), !isEscaped { isInText = false }
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                continue
            }
            if isAfterComma, [UInt8(ascii: "}"), UInt8(ascii: "]")].contains(byte) { return true }
            isAfterComma = byte == UInt8(ascii: ",")
            isInText = byte == UInt8(ascii: "\"")
        }
        return false
    }
}

/// Lines on their way into a segment.
struct SegmentLines {
    private static let pieceBytes = 256 << 10

    let segment: GrowingSegment
    private var lines: [UInt8] = []
    /// How many bytes stand before the last state.
    private var marked = 0

    init(_ segment: GrowingSegment) { self.segment = segment }

    mutating func add(_ line: UnsafeRawBufferPointer) throws {
        lines.append(contentsOf: line)
        lines.append(0x0A)
        if lines.count >= Self.pieceBytes { try flush() }
    }

    mutating func mark() { marked = segment.bytes + lines.count }

    mutating func flush() throws {
        try lines.withUnsafeBytes { try segment.write($0) }
        lines.removeAll(keepingCapacity: lines.capacity < 1 << 20)
    }

    mutating func rewind() throws {
        try flush()
        try segment.truncate(to: marked)
    }
}
