import Foundation
import Testing

@testable import Broker

@Suite("A window of confirms")
struct ConfirmWindowTests {
    private var window = ConfirmWindow(size: 3)
    private let call = PublishCall(5, until: .now + .seconds(3600))

    init() {
        window.add((1...5).map { posting("m\($0)") }, for: call)
    }

    @Test("lets only so many messages out at once")
    mutating func size() {
        #expect(sendAll() == ["m1", "m2", "m3"])
        #expect(window.settle(tag: 2, multiple: false, isKept: true).map(\.id) == ["m2"])
        #expect(sendAll() == ["m4"])
        #expect(window.count == 4)
    }

    @Test("takes one confirm for all messages up to it")
    mutating func multiple() {
        _ = sendAll()
        #expect(
            window.settle(tag: 3, multiple: true, isKept: true).map(\.id) == ["m1", "m2", "m3"])
        #expect(window.settle(tag: 3, multiple: true, isKept: true).isEmpty)
        #expect(sendAll() == ["m4", "m5"])
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

    @Test("does not believe a message's copy back twice, nor an answer to what was never sent")
    mutating func strange() {
        window.add([posting("m1")], for: call)
        _ = sendAll()
        for _ in 0..<2 { window.bounce(id: "m1", exchange: "x", routingKey: "k") }
        #expect(window.settle(tag: 9, multiple: true, isKept: true).isEmpty)
        #expect(window.settle(tag: 0, multiple: false, isKept: true).isEmpty)
        #expect(
            window.settle(tag: 3, multiple: true, isKept: true).map(\.outcome) == [
                .unread, .kept, .kept,
            ])
    }

    @Test("takes out what was sent to one exchange, and sends the others again")
    mutating func removed() {
        window = ConfirmWindow(size: 5)
        window.add([posting("a"), posting("b", to: "nowhere"), posting("c")], for: call)
        _ = sendAll()
        #expect(window.remove(to: "nowhere").map(\.posting.message.id) == ["b"])
        #expect(window.count == 2)
        window.restart()
        #expect(sendAll() == ["a", "c"])
    }

    @Test("takes answers in any order, and one answer for each message")
    mutating func outOfOrder() {
        _ = sendAll()
        #expect(window.settle(tag: 3, multiple: false, isKept: false).map(\.outcome) == [.refused])
        #expect(window.settle(tag: 3, multiple: false, isKept: true).isEmpty)
        #expect(window.settle(tag: 1, multiple: false, isKept: true).map(\.id) == ["m1"])
        #expect(sendAll() == ["m4", "m5"])
        #expect(
            window.settle(tag: 5, multiple: true, isKept: true).map(\.id) == ["m2", "m4", "m5"])
        #expect(window.count == 0)
    }

    @Test("does not send what nobody waits for any more")
    mutating func abandoned() async {
        _ = sendAll()
        do {
            try await call.wait { call.end(CancellationError()) }
            Issue.record("it did not end")
        } catch {
            #expect(error is CancellationError)
        }
        #expect(window.settle(tag: 3, multiple: true, isKept: true).count == 3)
        #expect(sendAll() == [])
    }

    private mutating func sendAll() -> [String] {
        var ids: [String] = []
        while let item = window.next() {
            window.wasSent(item)
            ids.append(item.posting.message.id)
        }
        return ids
    }

    private func posting(_ id: String, to exchange: String = "x") -> Posting {
        Posting(Message(id: id, body: Data()), to: exchange, routingKey: "k")
    }
}

extension ConfirmWindow.Settled {
    fileprivate var id: String { item.posting.message.id }
}
