import Events
import Foundation
import Kit
import Spool
import Testing

@Suite(
    "A full spool",
    .enabled(if: SmallDisk.isAvailable, Comment(rawValue: SmallDisk.missing)))
struct FullSpoolTests {
    @Test("takes nothing, leaves the file and no garbage, and goes on when there is room")
    func full() async throws {
        try await withSmallDisk(megabytes: 4) { disk in
            try await withFolder { folder in
                let file = folder + "/a.csv"
                try Data(count: 1 << 20).write(to: URL(fileURLWithPath: file))
                let spool = Spool(directory: disk + "/spool")
                try await spool.check()
                let filler = try SmallDisk.fill(disk)
                let error = await #expect(throws: SpoolError.self) {
                    _ = try await spool.take(fileAt: file, as: .sample)
                }
                #expect(error?.kind == .full && error?.disposition == .transient)
                #expect(exists(file))
                #expect(try names(disk + "/spool").isEmpty)
                #expect(try await spool.segments().isEmpty)
                let away = await #expect(throws: SpoolError.self) { try await spool.check() }
                #expect(away?.kind == .full)
                try FileManager.default.removeItem(atPath: filler)
                let segment = try await spool.take(fileAt: file, as: .sample)
                #expect(segment?.facts.bytes == 1 << 20)
                #expect(!exists(file))
            }
        }
    }
}
