import Foundation
import Testing

@testable import Broker

@Suite("A window of confirms")
struct ConfirmWindowTests {
    private var window = ConfirmWindow(size: 3)

    init() {
        window.add((1...5).map { posting("m\($0)") }, for: 7)
    }

    @Test("lets only so many messages out at once")
    mutating func size() {
        #expect(sendAll() == ["m1", "m2", "m3"])
        #expect(window.settle(tag: 2, multiple: false, isKept: true).map(\.id) == ["m2"])
        #expect(sendAll(from: 4) == ["m4"])
        #expect(window.count == 4)
    }

    @Test("takes one confirm for all messages up to it")
    mutating func multiple() {
        _ = sendAll()
        #expect(
            window.settle(tag: 3, multiple: true, isKept: true).map(\.id) == ["m1", "m2", "m3"])
        #expect(window.settle(tag: 3, multiple: true, isKept: true) == [])
        #expect(sendAll(from: 4) == ["m4", "m5"])
        #expect(window.settle(tag: 5, multiple: true, isKept: false).map(\.outcome).count == 2)
        #expect(window.count == 0)
    }

    @Test("does not believe the confirm of a message that came back")
    mutating func bounce() {
        _ = sendAll()
        window.bounce(id: "m2", exchange: "x", routingKey: "k")
        window.bounce(id: "m2", exchange: "another", routingKey: "k")
        let outcomes = window.settle(tag: 3, multiple: true, isKept: true).map(\.outcome)
        #expect(outcomes == [.kept, .unread, .kept])
    }

    @Test("sends what has no answer again on the next connection, in order and first")
    mutating func restart() {
        _ = sendAll()
        _ = window.settle(tag: 2, multiple: false, isKept: true)
        window.restart()
        #expect(sendAll() == ["m1", "m3", "m4"])
        #expect(window.settle(tag: 1, multiple: false, isKept: true).map(\.id) == ["m1"])
    }

    @Test("keeps its place for a message that could not be sent")
    mutating func putBack() throws {
        let next = window.next()
        let first = try #require(next)
        window.putBack(first)
        #expect(sendAll() == ["m1", "m2", "m3"])
    }

    @Test("forgets what an abandoned call has not sent yet")
    mutating func abandon() {
        _ = sendAll()
        window.abandon(7)
        #expect(window.count == 3)
    }

    private mutating func sendAll(from first: UInt64 = 1) -> [String] {
        var ids: [String] = []
        while let item = window.next() {
            window.sent(item, as: first + UInt64(ids.count))
            ids.append(item.posting.message.id)
        }
        return ids
    }

    private func posting(_ id: String) -> Posting {
        Posting(Message(id: id, body: Data()), to: "x", routingKey: "k")
    }
}

extension ConfirmWindow.Settled {
    fileprivate var id: String { item.posting.message.id }
}
