import Events
import Foundation
import Pipelines

/// What a tap can give, with the streams chosen that are wanted.
struct SingerCatalog {
    /// What the tap gets back.
    let text: Data
    /// The wanted stream for each name that the tap may have for it.
    let names: [String: String]

    /// - Parameters:
    ///   - discovered: What `--discover` printed.
    ///   - wanted: What is to be added to the metadata of each stream.
    /// - Throws: `PollFailure` for what is no catalog, or lacks a stream.
    init(_ discovered: Data, choosing wanted: [String: [String: SettingValue]]) throws {
        guard var catalog = Self.object(discovered),
            var streams = catalog["streams"] as? [[String: Any]]
        else {
            throw PollFailure(.transient, "singer.no_catalog", "its discovery prints no catalog")
        }
        var names: [String: String] = [:]
        for index in streams.indices {
            let own = ["stream", "tap_stream_id"].compactMap { streams[index][$0] as? String }
            let name = own.first { wanted[$0] != nil }
            let metadata = name.flatMap { wanted[$0] }
            streams[index] = try Self.choosing(streams[index], metadata)
            for alias in own { if let name { names[alias] = name } }
        }
        let missing = wanted.keys.filter { !names.values.contains($0) }.sorted()
        guard missing.isEmpty else {
            let there = streams.compactMap { $0["stream"] as? String }.sorted().prefix(20)
            throw PollFailure(
                .permanent, "singer.no_stream",
                "it has no stream \(missing.joined(separator: ", ")); there are: "
                    + there.joined(separator: ", "))
        }
        catalog["streams"] = streams
        text = try JSONSerialization.data(withJSONObject: catalog)
        self.names = names
    }

    /// - Parameter metadata: Nil for a stream that is not wanted.
    private static func choosing(
        _ stream: [String: Any], _ metadata: [String: SettingValue]?
    ) throws -> [String: Any] {
        var stream = stream
        let isWanted = metadata != nil
        // Older taps look at the schema.
        if var schema = stream["schema"] as? [String: Any] {
            schema["selected"] = isWanted
            stream["schema"] = schema
        }
        stream["selected"] = isWanted
        var entries = stream["metadata"] as? [[String: Any]] ?? []
        if !entries.contains(where: isWhole) {
            entries.append(["breadcrumb": [String](), "metadata": [String: Any]()])
        }
        stream["metadata"] = try entries.map { entry in
            var entry = entry
            var facts = entry["metadata"] as? [String: Any] ?? [:]
            let isUnsupported = facts["inclusion"] as? String == "unsupported"
            facts["selected"] = isWanted && !isUnsupported
            if isWhole(entry) {
                for (key, value) in metadata ?? [:] { facts[key] = try SettingText.object(value) }
            }
            entry["metadata"] = facts
            return entry
        }
        return stream
    }

    /// True for what is said of the stream and not of one of its fields.
    private static func isWhole(_ entry: [String: Any]) -> Bool {
        (entry["breadcrumb"] as? [Any])?.isEmpty ?? true
    }

    private static func object(_ text: Data) -> [String: Any]? {
        do {
            return try JSONSerialization.jsonObject(with: text) as? [String: Any]
        } catch {
            return nil
        }
    }
}
