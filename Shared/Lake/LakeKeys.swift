public import Events
public import Foundation

/// The zones of the lake.
public enum Zone: String, Sendable, CaseIterable {
    /// What has arrived and nobody has claimed: the durable to-do list.
    case landing
    /// What a batch has claimed; the raw objects stay here.
    case working
    /// Typed rows, as Parquet, and a manifest for each batch.
    case processed
    /// Rejects, as Parquet.
    case quarantine
}

/// Where things are in the lake. The one place that knows the layout.
public enum LakeKeys {
    /// `landing/<pipeline>/<dataset>/`
    public static func landingPrefix(_ pipeline: String, _ dataset: String) -> String {
        "\(Zone.landing)/\(pipeline)/\(dataset)/"
    }

    /// `landing/<pipeline>/<dataset>/date=YYYY-MM-DD/<ulid>-<name>`
    public static func landing(
        _ pipeline: String, _ dataset: String, at date: Date, id: ULID, name: String
    ) -> String {
        landingPrefix(pipeline, dataset) + "date=\(day(of: date))/\(id)-\(safe(name))"
    }

    /// The `<ulid>-<name>` and the id of a landing key; nil when the key has another shape.
    public static func landed(_ key: String) -> (name: String, id: ULID)? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == Zone.landing.rawValue, parts[3].hasPrefix("date="),
            parts[4].count > 27, let id = ULID(parts[4].prefix(26)),
            parts[4].dropFirst(26).first == "-"
        else { return nil }
        return (String(parts[4]), id)
    }

    /// `working/<pipeline>/<dataset>/<batch>/`: the raw objects that a batch has claimed.
    public static func workingPrefix(_ pipeline: String, _ dataset: String, batch: ULID) -> String {
        "\(Zone.working)/\(pipeline)/\(dataset)/\(batch)/"
    }

    /// `processed/<pipeline>/<dataset>/date=…/<batch>.parquet`
    public static func processed(_ pipeline: String, _ dataset: String, batch: ULID, at date: Date)
        -> String
    {
        "\(Zone.processed)/\(pipeline)/\(dataset)/date=\(day(of: date))/\(batch).parquet"
    }

    /// `processed/<pipeline>/<dataset>/manifests/<batch>.json`: written last; a batch that has one
    /// is transformed.
    public static func manifest(_ pipeline: String, _ dataset: String, batch: ULID) -> String {
        "\(Zone.processed)/\(pipeline)/\(dataset)/manifests/\(batch).json"
    }

    /// `quarantine/<pipeline>/<dataset>/date=…/<batch>.rejects.parquet`
    public static func rejects(_ pipeline: String, _ dataset: String, batch: ULID, at date: Date)
        -> String
    {
        "\(Zone.quarantine)/\(pipeline)/\(dataset)/date=\(day(of: date))/\(batch).rejects.parquet"
    }

    /// `pipelines/<name>/<revision>.json`
    public static func revision(_ pipeline: String, _ revision: String) -> String {
        "pipelines/\(pipeline)/\(revision).json"
    }

    /// `pipelines/<name>/current`: the revision that new segments get.
    public static func current(_ pipeline: String) -> String {
        "pipelines/\(pipeline)/current"
    }

    /// A file's name as it may stand in a key: letters, digits, `.`, `_` and `-`, at most 128.
    public static func safe(_ name: String) -> String {
        let kept = name.unicodeScalars.map { scalar -> Character in
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isPlain || "._-".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
        }
        let text = String(kept.suffix(128))
        return text.isEmpty ? "unnamed" : text
    }

    private static func day(of date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day], from: date)
        func padded(_ number: Int?, _ width: Int) -> String {
            let digits = String(number ?? 0)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(parts.year, 4))-\(padded(parts.month, 2))-\(padded(parts.day, 2))"
    }
}
