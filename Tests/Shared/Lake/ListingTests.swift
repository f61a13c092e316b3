import Foundation
import Kit
import Lake
import Testing

@Suite("A listing of a lake in a folder")
struct ListingTests {
    /// Keys at several depths whose order by bytes differs from that of their folders.
    private func keys(_ count: Int, seed: UInt64) -> Set<String> {
        var state = seed
        func next(_ limit: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % limit
        }
        let names = ["a", "a-b", "a.b", "a0", "Ä", "b", "date=1", "date=2", "~"]
        return Set(
            (0..<count).map { _ in
                let depth = next(3)
                let folders = (0..<depth).map {
                    "f" + names[Int($0 == 0 ? next(9) : next(4))] + "/"
                }
                return folders.joined() + "n" + names[Int(next(9))] + "\(next(400))"
            })
    }

    @Test(
        "pages through every key in order, whatever the size of a page",
        arguments: [1, 7, 64, 200, 999])
    func pages(limit: Int) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        try await withFolder { path in
            let lake = DirectoryStore(root: path)
            let memory = MemoryStore()
            let keys = keys(600, seed: seed)
            for key in keys {
                try await memory.put(Data(), at: key)
                let file = URL(fileURLWithPath: "\(path)/\(key)")
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data().write(to: file)
            }
            for prefix in ["", "f", "fa", "fa/", "fa-b/n", "nothing/", "fa/fa/n"] {
                let all = try await memory.list(prefix: prefix, after: nil, limit: 9_999).map(\.key)
                var found: [String] = []
                while true {
                    let page = try await lake.list(prefix: prefix, after: found.last, limit: limit)
                    found += page.map(\.key)
                    if page.count < limit { break }
                }
                #expect(found == all, "prefix `\(prefix)`, seed \(seed)")
            }
        }
    }

    @Test(
        "begins behind a marker that is no key",
        arguments: ["f", "fa/", "fa0", "fa/zz", "n", "nb", "fa/fa"])
    func markers(marker: String) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        try await withFolder { path in
            let lake = DirectoryStore(root: path)
            let memory = MemoryStore()
            for key in keys(300, seed: seed) {
                try await memory.put(Data(), at: key)
                try await lake.put(Data(), at: key)
            }
            let expected = try await memory.list(prefix: "", after: marker, limit: 99).map(\.key)
            let found = try await lake.list(prefix: "", after: marker, limit: 99).map(\.key)
            #expect(found == expected, "seed \(seed)")
        }
    }

    @Test("finds objects behind many empty folders")
    func emptyFolders() async throws {
        try await withFolder { path in
            let lake = DirectoryStore(root: path)
            for number in 100..<400 {
                try FileManager.default.createDirectory(
                    atPath: "\(path)/\(number)", withIntermediateDirectories: true)
            }
            try await lake.put(Data(), at: "399/a")
            #expect(try await lake.list(prefix: "", after: nil, limit: 1).map(\.key) == ["399/a"])
        }
    }
}
