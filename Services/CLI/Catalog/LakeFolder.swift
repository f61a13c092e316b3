import Foundation
import Lake

/// What a dataset has in one zone of the lake: numbers and sizes by day, from the keys alone.
struct LakeFolder: Encodable {
    struct Day: Encodable {
        /// As in `date=…`; nil where the zone has no days.
        let date: String?
        var objects = 0
        var bytes = 0
    }

    let zone: String
    private(set) var objects = 0
    private(set) var bytes = 0
    /// In their order.
    private(set) var partitions: [Day] = []

    init(_ zone: Zone, _ pipeline: String, _ dataset: String, _ lake: any ObjectStore) async throws
    {
        self.zone = zone.rawValue
        var marker: String?
        repeat {
            let page = try await lake.list(
                prefix: "\(zone)/\(pipeline)/\(dataset)/", after: marker, limit: 1_000)
            for object in page where !object.key.contains("/manifests/") { add(object) }
            marker = page.count < 1_000 ? nil : page.last?.key
        } while marker != nil
    }

    private mutating func add(_ object: ObjectInfo) {
        let part = object.key.split(separator: "/").dropFirst(3).first ?? ""
        let date = part.hasPrefix("date=") ? String(part.dropFirst(5)) : nil
        if partitions.last?.date != date || partitions.isEmpty {
            partitions.append(Day(date: date))
        }
        partitions[partitions.count - 1].objects += 1
        partitions[partitions.count - 1].bytes += object.bytes
        objects += 1
        bytes += object.bytes
    }
}
