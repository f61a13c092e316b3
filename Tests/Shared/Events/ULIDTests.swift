import Events
import Foundation
import Testing

@Suite("A ULID")
struct ULIDTests {
    @Test("sorts by its time")
    func order() {
        let early = ULID(at: Date(timeIntervalSince1970: 1_000))
        let late = ULID(at: Date(timeIntervalSince1970: 1_000.002))
        #expect(early < late)
        #expect(early.description.utf8.count == 26)
    }

    @Test("is read from its letters in either case and from nothing else")
    func reads() {
        let id = ULID()
        #expect(ULID(id.description) == id)
        #expect(ULID(id.description.lowercased()) == id)
        #expect(ULID("8ZZZZZZZZZZZZZZZZZZZZZZZZZ") == nil)
        #expect(ULID("01ARZ3NDEKTSV4RRFFQ69G5FA") == nil)
        #expect(ULID("01ARZ3NDEKTSV4RRFFQ69G5FAU") == nil)
    }

    @Test("holds the specification's time")
    func time() {
        let id = ULID(at: Date(timeIntervalSince1970: 1_469_918_176.385))
        #expect(id.description.hasPrefix("01ARYZ6S41"))
    }
}
