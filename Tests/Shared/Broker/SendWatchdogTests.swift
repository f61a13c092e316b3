import Foundation
import Glibc
import Lanes
import Testing

@testable import Broker

@Suite("A send watchdog", .timeLimit(.minutes(5)))
struct SendWatchdogTests {
    @Test("frees a send that nobody reads, and leaves a quick one alone")
    func stuck() async throws {
        StopSignal.ignoreFailedWrites()
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { ends.forEach { close($0) } }
        let socket = ends[0]
        let watchdog = SendWatchdog(over: socket, limit: .milliseconds(200))
        watchdog.start()
        let quick = watchdog.guarding { write(socket, "x", 1) }
        #expect(quick == 1)
        let began = ContinuousClock.now
        let chunk = [UInt8](repeating: 0, count: 1 << 16)
        let last = try await Lane("test").run {
            var written = 0
            while written >= 0 {
                written = watchdog.guarding { write(socket, chunk, chunk.count) }
                // A short write means that the socket broke in the middle.
                if written < chunk.count { break }
            }
            return written
        }
        #expect(last < chunk.count)
        #expect(began.duration(to: .now) < .seconds(5))
    }
}
