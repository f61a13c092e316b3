import Glibc
import Lanes
import Testing

@Suite("A pool of lanes")
struct LanePoolTests {
    @Test("sends a call past the lane that is held up")
    func passing() async throws {
        let pool = LanePool("test", count: 2)
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        async let held = pool.run { () -> Int in
            var byte: UInt8 = 0
            return read(reading, &byte, 1)
        }
        for number in 0..<20 { #expect(try await pool.run { number } == number) }
        _ = try await pool.run { close(writing) }
        #expect(try await held == 0)
        close(reading)
    }

    @Test("hands on what the call throws")
    func throwing() async {
        struct Refused: Error {}
        await #expect(throws: Refused.self) {
            try await LanePool("test", count: 1).run { throw Refused() }
        }
    }
}
