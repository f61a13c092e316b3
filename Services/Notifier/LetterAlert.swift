import Events
import Foundation

/// What people are told about dead letters that failed in the same way: that there are some, or
/// that none is left.
struct LetterAlert: Sendable {
    /// The letter that stands for all.
    struct Sample: Codable, Sendable {
        let id: String
        let kind: String
        let reason: String
        let error: String
        let attempts: Int
        let queue: String
    }

    let id: String
    let kind: Alert.Kind
    let service: String
    let errorClass: String
    let pipeline: String
    let dataset: String
    let letters: Int
    let sample: Sample?
    let madeAt: Date

    /// The same bytes however often it is said.
    func event(from source: String) throws -> Event {
        var event =
            switch kind {
            case .raised: try Event(raised, id: id, from: source)
            case .resolved: try Event(resolved, id: id, from: source)
            }
        event.time = madeAt
        return event
    }

    private var key: String { "dead_letter:\(service):\(errorClass):\(pipeline)" }

    private var raised: AlertRaised {
        AlertRaised(
            key: key, topic: "dead_letter", severity: .critical, pipeline: pipeline,
            dataset: dataset, batch: nil, title: title, detail: detail, command: command,
            raisedAt: madeAt)
    }

    private var resolved: AlertResolved {
        AlertResolved(
            key: key, topic: "dead_letter", pipeline: pipeline, dataset: dataset,
            title: "\(who): no dead letter with \(errorClass) is left", resolvedAt: madeAt)
    }

    private var who: String { pipeline == "_" ? service : "\(service), \(pipeline)" }

    private var title: String {
        guard letters == 1, let sample else {
            return "\(who): \(letters) events set aside, \(errorClass)"
        }
        let what = sample.kind == "unknown" ? "a message" : sample.kind
        return "\(who): \(what) set aside, \(errorClass)"
    }

    private var detail: String {
        guard let sample else { return "" }
        let lead = letters == 1 ? "" : "The newest of them:\n"
        return "\(lead)\(sample.error)\nreason: \(sample.reason), attempts: \(sample.attempts), "
            + "event: \(sample.id), from: \(sample.queue)"
    }

    /// Ids come from messages of strangers, and a person pastes this into a shell.
    private var command: String {
        guard let sample, letters == 1, sample.id.isPlainWord else {
            return "millrace dead list --service \(service)"
        }
        return "millrace dead show \(sample.id)"
    }
}

extension String {
    /// True when a shell takes it as it is.
    fileprivate var isPlainWord: Bool {
        !isEmpty && !hasPrefix("-")
            && utf8.allSatisfy { byte in
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                    || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
                    || "-_.:/@+,".utf8.contains(byte)
            }
    }
}
