import Foundation
import Testing

@testable import Broker

@Suite("The desk of deliveries", .timeLimit(.minutes(5)))
struct DeliveryDeskTests {
    private let desk = DeliveryDesk()

    init() {
        desk.admit(16)
        desk.open(1)
    }

    @Test("says when answers are enough for one word: a quarter of what may be ours")
    func enough() {
        let receipts = (1...5).map { desk.take(answer($0)) }
        #expect(receipts == [.first, .later, .later, .enough, .later])
        #expect(desk.takeAnswers().map(\.tag) == [1, 2, 3, 4, 5])
        #expect(desk.take(answer(6)) == .first)
    }

    @Test("keeps answers that are not worth a word, for who asks for no fewer")
    func few() {
        for tag in 1...3 { _ = desk.take(answer(tag)) }
        #expect(desk.takeAnswers(ifEnough: true).isEmpty)
        _ = desk.take(answer(4))
        #expect(desk.takeAnswers(ifEnough: true).count == 4)
        #expect(desk.takeAnswers().isEmpty)
    }

    @Test("of one at a time, each answer is enough", arguments: [0, 1, 7])
    func single(admitted: Int) {
        desk.admit(admitted)
        #expect(desk.take(answer(1)) == .enough)
    }

    @Test("an answer to what a lost connection brought is void, and so are those that waited")
    func lost() {
        _ = desk.take(answer(1))
        desk.lose()
        desk.open(2)
        #expect(desk.take(answer(2)) == .void)
        #expect(desk.takeAnswers().isEmpty)
    }

    private func answer(_ tag: Int) -> DeliveryDesk.Answer {
        let arrival = Incoming.Arrival(
            tag: UInt64(tag), isRedelivered: false, exchange: "x", routingKey: "k",
            message: Message(id: "\(tag)", body: Data()))
        return DeliveryDesk.Answer(Delivery(arrival, on: 1), .done)
    }
}
