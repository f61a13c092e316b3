import Testing

@testable import Broker

@Suite("A line of elements")
struct DequeTests {
    @Test("does what an array does, whatever happens to it")
    func likeAnArray() {
        var line = Deque<Int>()
        var model: [Int] = []
        for number in 0..<5000 {
            switch Int.random(in: 0..<8) {
            case 0: line.prepend(number); model.insert(number, at: 0)
            case 1...4: line.append(number); model.append(number)
            case 5 where number.isMultiple(of: 50):
                line.removeAll { $0.isMultiple(of: 3) }
                model.removeAll { $0.isMultiple(of: 3) }
            default: #expect(line.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(line.first == model.first && line.count == model.count)
        }
        #expect(line.elements == model)
        #expect(line[model.count] == nil && line[0] == model.first)
    }

    @Test("lets go of what has left")
    func letsGo() {
        final class Thing {}
        var line = Deque<Thing>()
        line.append(Thing())
        weak let first = line.first
        #expect(first != nil)
        _ = line.popFirst()
        #expect(first == nil)
    }
}
