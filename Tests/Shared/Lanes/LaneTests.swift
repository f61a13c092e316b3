import Dispatch
import Lanes
import Testing

@Suite("A lane", .timeLimit(.minutes(5)))
struct LaneTests {
    @Test("keeps the process's tasks going while it blocks")
    func doesNotStarveTasks() async throws {
        let lanes = (0..<64).map { Lane("test-\($0)") }
        let door = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in lanes { group.addTask { try await lane.run { door.wait() } } }
            // On shared threads nobody would be left to open the door.
            for _ in lanes {
                await Task.yield()
                door.signal()
            }
            try await group.waitForAll()
        }
    }

    @Test("passes on what its work throws")
    func throwsErrors() async {
        await #expect(throws: TimeLimitExceeded.self) {
            try await withTimeLimit(.milliseconds(20), for: "the wait") {
                try await Task.sleep(for: .seconds(60))
            }
        }
    }
}
