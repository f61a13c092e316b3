import Engine
import Events
import Foundation
import Lake
import Pipelines
import Postgres
import Processes

/// Takes rows out of the lake: Parquet files are written anew without them, raw objects that hold
/// them are deleted. Batches that are under way are left alone, and said.
struct LakeErasure: Sendable {
    let key: EraseKey
    let lake: any ObjectStore
    /// The batches that came to their end.
    let ended: Set<String>
    let program: String
    /// A folder of its own.
    let scratch: String

    private static let page = 200

    /// - Parameter isDone: False to count alone.
    func run(isDone: Bool) async throws -> [EraseFinding] {
        var findings: [EraseFinding] = []
        for dataset in key.datasets {
            let path = "\(key.pipeline.name)/\(dataset.name)"
            findings += try await parquet(
                under: "\(Zone.processed)/\(path)/", ".parquet",
                .values(key.columns(of: dataset)), isDone)
            findings += try await parquet(
                under: "\(Zone.quarantine)/\(path)/", ".rejects.parquet",
                .words(column: "raw", key.values), isDone)
            findings += try await raw(under: "\(Zone.working)/\(path)/", isDone)
            findings += try await raw(under: "\(Zone.quarantine)/\(path)/", isDone)
            findings += try await waiting(under: "\(Zone.landing)/\(path)/")
        }
        return findings
    }

    private func parquet(
        under prefix: String, _ suffix: String, _ sign: ParquetErasure.Sign, _ isDone: Bool
    ) async throws -> [EraseFinding] {
        let erasure = ParquetErasure(program: program, scratch: scratch)
        var (rows, files, busy) = (0, 0, 0)
        try await pages(under: prefix) { keys in
            let known = keys.filter { $0.hasSuffix(suffix) && isParquet($0, suffix) }
            let free = known.filter { ended.contains(batch(ofFile: $0, suffix)) }
            busy += known.count - free.count
            let keyOf = Dictionary(
                free.map { (lake.location(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
            for (path, count) in try await erasure.count(sign, in: keyOf.keys.sorted()) {
                guard let key = keyOf[path] else { continue }
                rows += count
                files += 1
                guard isDone else { continue }
                let copy = "\(scratch)/\(UUID().uuidString).parquet"
                try await erasure.copy(path, without: sign, to: copy)
                try await lake.put(fileAt: copy, at: key)
            }
        }
        let zone = String(prefix.dropLast())
        var findings = [
            EraseFinding(
                place: zone, what: "rows of \(TimeText.count(files, "Parquet file"))", count: rows,
                action: "files written anew without them")
        ]
        if busy > 0 { findings.append(Self.left(zone, "files of batches under way", busy)) }
        return findings
    }

    /// Raw objects are read as they came, so that they cannot be written anew without a record.
    private func raw(under prefix: String, _ isDone: Bool) async throws -> [EraseFinding] {
        var (gone, busy, unread): ([String], Int, Int) = ([], 0, 0)
        try await pages(under: prefix) { keys in
            for key in keys where !key.hasSuffix(".rejects.parquet") {
                if let batch = LakeKeys.working(key)?.id, !ended.contains(batch.description) {
                    busy += 1
                } else if key.lowercased().hasSuffix(".parquet") {
                    unread += 1
                } else if try await holds(lake.location(of: key)) {
                    gone.append(key)
                }
            }
        }
        if isDone { try await lake.delete(gone) }
        let zone = String(prefix.dropLast())
        var findings = [
            EraseFinding(place: zone, what: "raw objects", count: gone.count, action: "deleted")
        ]
        if busy > 0 { findings.append(Self.left(zone, "objects of batches under way", busy)) }
        if unread > 0 {
            findings.append(Self.left(zone, "Parquet objects, not looked into", unread))
        }
        return findings
    }

    private func waiting(under prefix: String) async throws -> [EraseFinding] {
        var count = 0
        try await pages(under: prefix) { count += $0.count }
        return count == 0 ? [] : [Self.left(String(prefix.dropLast()), "objects that wait", count)]
    }

    private static func left(_ place: String, _ what: String, _ count: Int) -> EraseFinding {
        EraseFinding(place: place, what: what, count: count, action: "left: erase again later")
    }

    /// True when an object, unpacked, holds every value as a word. The values come in files: what
    /// is looked for shall not stand in the list of processes.
    private func holds(_ path: String) async throws -> Bool {
        for (index, value) in key.values.enumerated() {
            let pattern = "\(scratch)/value-\(index)"
            try Data(value.utf8).write(to: URL(filePath: pattern))
            let script = """
                case $(head -c 4 "$1" | od -An -tx1 | tr -d ' ') in
                1f8b*) gzip -dc -- "$1" ;;
                28b52ffd) zstd -dcq -- "$1" ;;
                *) cat -- "$1" ;;
                esac | grep -aqwF -f "$2"
                """
            let result = try await Processes.run(
                Processes.Command(
                    "sh", ["-c", script, "sh", path, pattern], timeLimit: .seconds(600)))
            switch result.ending {
            case .exited(0): continue
            case .exited(1): return false
            default: throw CommandError("cannot look into \(path): \(result.errorText)")
            }
        }
        return true
    }

    private func isParquet(_ key: String, _ suffix: String) -> Bool {
        suffix != ".parquet" || !key.hasSuffix(".rejects.parquet")
    }

    private func batch(ofFile key: String, _ suffix: String) -> String {
        String(key.split(separator: "/").last?.dropLast(suffix.count) ?? "")
    }

    private func pages(
        under prefix: String, _ body: ([String]) async throws -> Void
    ) async throws {
        var marker: String?
        repeat {
            let page = try await lake.list(prefix: prefix, after: marker, limit: Self.page)
            try await body(page.map(\.key))
            marker = page.count < Self.page ? nil : page.last?.key
        } while marker != nil
    }
}
