import Events
import Warehouse

/// Dead letters as records.
enum LetterTable {
    static func table(_ letters: [KeptLetter], for format: OutputFormat) -> Table {
        format == .table ? short(letters) : whole(letters)
    }

    private static func short(_ letters: [KeptLetter]) -> Table {
        var table = Table(
            .init("event", isWhole: true), "service", "kind", "table", "state", "reason", "tries",
            "failed", "error")
        for letter in letters {
            table.add([
                Cell(letter.id), Cell(letter.service), Cell(letter.kind),
                Cell("\(letter.pipeline).\(letter.dataset)"), state(letter),
                Cell(letter.reason), Cell(letter.attempts),
                Cell(TimeText.stamp(letter.lastFailedAt), .dim), Cell(letter.errorMessage),
            ])
        }
        return table
    }

    private static func whole(_ letters: [KeptLetter]) -> Table {
        var table = Table(
            "event", "kind", "service", "pipeline", "dataset", "state", "reason", "error_class",
            "error", "fingerprint", "attempts", "replays", "first_failed_at", "last_failed_at",
            "host", "queue", "trace")
        for letter in letters {
            table.add([
                Cell(letter.id), Cell(letter.kind), Cell(letter.service), Cell(letter.pipeline),
                Cell(letter.dataset), Cell(letter.state.rawValue), Cell(letter.reason),
                Cell(letter.errorClass), Cell(letter.errorMessage), Cell(letter.fingerprint),
                Cell(letter.attempts), Cell(letter.replays),
                Cell(EventJSON.text(of: letter.firstFailedAt)),
                Cell(EventJSON.text(of: letter.lastFailedAt)), Cell(letter.host),
                Cell(letter.queue), Cell(letter.trace),
            ])
        }
        return table
    }

    /// What a state looks like.
    static func state(_ letter: KeptLetter) -> Cell {
        switch letter.state {
        case .waiting: Cell(letter.state.rawValue, .bad)
        case .replaying: Cell(letter.state.rawValue, .warned)
        case .resolved: Cell(letter.state.rawValue, .good)
        case .dropped: Cell(letter.state.rawValue, .dim)
        }
    }

    /// Letters that failed in the same way, as one record each.
    static func table(_ groups: [LetterGroup], for format: OutputFormat) -> Table {
        var table = Table(
            "service", "error_class", "pipeline", "count", "oldest", "newest",
            .init("sample", isWhole: true), "error")
        for group in groups {
            let (oldest, newest) =
                format == .table
                ? (TimeText.stamp(group.oldest), TimeText.stamp(group.newest))
                : (EventJSON.text(of: group.oldest), EventJSON.text(of: group.newest))
            table.add([
                Cell(group.service), Cell(group.errorClass, .bad), Cell(group.pipeline),
                Cell(group.count), Cell(oldest, .dim), Cell(newest, .dim), Cell(group.sample),
                Cell(group.sampleError),
            ])
        }
        return table
    }
}
