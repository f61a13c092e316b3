import Foundation
import Testing

@testable import Broker

@Suite("Unanswered tags")
struct UnansweredTagsTests {
    private var tags = UnansweredTags()

    init() {
        for tag in 1...6 { tags.add(UInt64(tag)) }
    }

    @Test("acknowledge the oldest ones with one word, as far as none is missing")
    mutating func together() {
        #expect(tags.words(for: [done(2), done(1), done(3)]) == [.acknowledge(3, all: true)])
        #expect(
            tags.words(for: [done(5), done(6)]) == [
                .acknowledge(5, all: false), .acknowledge(6, all: false),
            ])
        #expect(tags.words(for: [done(4)]) == [.acknowledge(4, all: true)])
        #expect(tags.count == 0)
    }

    @Test("reject each by its own, before an acknowledgement of many could take it along")
    mutating func rejected() {
        let words = tags.words(for: [done(1), answer(2, .again), done(3), answer(4, .dead)])
        #expect(
            words == [
                .reject(2, requeue: true), .reject(4, requeue: false), .acknowledge(3, all: true),
            ])
    }

    @Test("know no second answer to the same delivery")
    mutating func twice() {
        #expect(tags.words(for: [done(1), done(1)]) == [.acknowledge(1, all: true)])
        #expect(
            tags.words(for: [done(1), answer(1, .again), done(4)]) == [.acknowledge(4, all: false)])
        #expect(tags.words(for: [done(4), answer(7, .dead)]) == [])
        #expect(tags.words(for: [done(2), answer(2, .dead)]) == [.acknowledge(2, all: true)])
        #expect(tags.count == 3)
    }

    @Test("answer each delivery exactly once, in whatever order its takers finish")
    mutating func shuffled() {
        var generator = SystemRandomNumberGenerator()
        var tags = UnansweredTags()
        for tag in 1...500 { tags.add(UInt64(tag)) }
        var open = Set((1...500).map { UInt64($0) })
        var left = Array(1...500).shuffled(using: &generator)[...]
        while !left.isEmpty {
            let part = left.prefix(Int.random(in: 1...40, using: &generator))
            left = left.dropFirst(part.count)
            let answers = part.map { answer(UInt64($0), $0.isMultiple(of: 7) ? .again : .done) }
            for word in tags.words(for: answers) {
                switch word {
                case .reject(let tag, requeue: true):
                    #expect(tag.isMultiple(of: 7) && open.remove(tag) != nil)
                case .reject(let tag, requeue: false): Issue.record("\(tag) was given up")
                case .acknowledge(let tag, all: false):
                    #expect(!tag.isMultiple(of: 7) && open.remove(tag) != nil)
                case .acknowledge(let tag, all: true):
                    let taken = open.filter { $0 <= tag }
                    #expect(taken.allSatisfy { !$0.isMultiple(of: 7) } && taken.contains(tag))
                    open.subtract(taken)
                }
            }
            #expect(open == Set(left.map { UInt64($0) }))
        }
        #expect(open.isEmpty && tags.count == 0)
    }

    private func done(_ tag: UInt64) -> DeliveryDesk.Answer { answer(tag, .done) }

    private func answer(_ tag: UInt64, _ verdict: DeliveryDesk.Answer.Verdict)
        -> DeliveryDesk.Answer
    {
        let arrival = Incoming.Arrival(
            tag: tag, isRedelivered: false, exchange: "x", routingKey: "k",
            message: Message(id: "\(tag)", body: Data()))
        return DeliveryDesk.Answer(Delivery(arrival, on: 1), verdict)
    }
}
