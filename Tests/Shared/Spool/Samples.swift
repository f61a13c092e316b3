import Foundation
import Kit
import Spool

extension SegmentLabel {
    static let sample = SegmentLabel(
        pipeline: "shop", revision: "0123456789ab", dataset: "orders", host: "here", name: "a.csv")
}

/// Two empty folders.
func withInboxAndSpool(
    _ body: (_ inbox: String, _ spool: String) async throws -> Void
) async throws {
    try await withFolder { path in
        for name in ["inbox", "spool"] {
            try FileManager.default.createDirectory(
                atPath: "\(path)/\(name)", withIntermediateDirectories: false)
        }
        try await body(path + "/inbox", path + "/spool")
    }
}

func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

func read(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
}

/// The names in a folder that are not hidden.
func names(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
}
