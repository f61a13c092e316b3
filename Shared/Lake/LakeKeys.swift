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
    /// Rejects, as Parquet, and raw objects that were refused as a whole.
    case quarantine
}

/// A batch, as a key of the lake names it.
public struct BatchKey: Sendable, Hashable {
    public let pipeline: String
    public let dataset: String
    public let id: ULID
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

    /// A place in the order of keys behind every one that `landing(_:_:at:id:name:)` gives for the
    /// day of a landing key, and before nearly all other names; nil when `key` is none of these.
    public static func endOfDay(ofLanded key: String) -> String? {
        guard let (name, id) = landed(key), name.hasPrefix(id.description) else { return nil }
        let folder = key.dropLast(name.utf8.count)
        // An id is made when its segment begins, the day is that of its end: some hours apart.
        let day = folder.dropLast().suffix(10)
        guard let start = date(ofDay: day) else { return nil }
        let end = ULID(at: start.addingTimeInterval(2 * 86_400))
        guard ULID(at: start.addingTimeInterval(-86_400)) < id, id < end else { return nil }
        return folder + end.description
    }

    /// `working/<pipeline>/<dataset>/<batch>/`: the raw objects that a batch has claimed.
    public static func workingPrefix(_ pipeline: String, _ dataset: String, batch: ULID) -> String {
        "\(Zone.working)/\(pipeline)/\(dataset)/\(batch)/"
    }

    /// The batch that has claimed an object of the working zone.
    public static func working(_ key: String) -> BatchKey? {
        let parts = key.split(separator: "/")
        guard parts.count == 5, parts[0] == Zone.working.rawValue, let id = ULID(parts[3]) else {
            return nil
        }
        return BatchKey(pipeline: String(parts[1]), dataset: String(parts[2]), id: id)
    }

    /// `claims/`: what batches that are not transformed yet set out to take.
    public static let claimsPrefix = "claims/"

    /// `claims/<pipeline>/<dataset>/<batch>.json`: there until the batch is transformed.
    public static func claim(_ pipeline: String, _ dataset: String, batch: ULID) -> String {
        "\(claimsPrefix)\(pipeline)/\(dataset)/\(batch).json"
    }

    /// The batch whose claim that is.
    public static func claimed(_ key: String) -> BatchKey? {
        let parts = key.split(separator: "/")
        guard parts.count == 4, key.hasPrefix(claimsPrefix), parts[3].hasSuffix(".json"),
            let id = ULID(parts[3].dropLast(5))
        else { return nil }
        return BatchKey(pipeline: String(parts[1]), dataset: String(parts[2]), id: id)
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

    /// `quarantine/<pipeline>/<dataset>/date=…/<ulid>-<name>`: a raw object that was refused.
    ///
    /// - Parameter name: The last part of its landing key.
    public static func refused(_ pipeline: String, _ dataset: String, at date: Date, name: String)
        -> String
    {
        "\(Zone.quarantine)/\(pipeline)/\(dataset)/date=\(day(of: date))/\(name)"
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

    private static func date(ofDay text: Substring) -> Date? {
        let parts = text.split(separator: "-").map { Int($0) }
        guard text.utf8.count == 10, parts.count == 3, let year = parts[0], let month = parts[1],
            let day = parts[2]
        else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar.date(from: DateComponents(year: year, month: month, day: day))
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
