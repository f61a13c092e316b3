import Foundation
import Outbound
import Testing

@testable import millrace

@Suite("A simulated fault", .timeLimit(.minutes(5)))
struct SimulatedFaultTests {
    @Test("comes in its share, in all kinds, and again with the same seed")
    func draws() {
        func names(_ seed: UInt64) -> [String] {
            (1...10_000).compactMap { SimulatedFault(seed: seed, request: $0, share: 0.05)?.name }
        }
        let first = names(1)
        #expect((400...600).contains(first.count))
        #expect(Set(first) == ["broken", "slow", "cut", "redirect"])
        #expect(names(1) == first)
        #expect(names(2) != first)
        #expect((1...100).allSatisfy { SimulatedFault(seed: 1, request: $0, share: 0) == nil })
    }

    @Test("is what the client meets, and what the log says")
    func met() async throws {
        try await Simulation.run(Simulation.plan(faults: 1)) { simulation in
            let world = SimulatedWorld(seed: 1, reviews: 100, odd: 1)
            let path = "/book/show.xml?key=demo&id=\(world.id(of: .book, 1))"
            var met: [String] = []
            for _ in 0..<25 {
                let begin = ContinuousClock.now
                do {
                    let response = try await simulation.get(path)
                    switch response.status {
                    case 200:
                        #expect(begin.duration(to: .now) > .seconds(1))
                        #expect(
                            String(decoding: response.body, as: UTF8.self).hasSuffix(
                                "</GoodreadsResponse>\n"))
                        met.append("slow")
                    case 301:
                        let target = try #require(response.header("location"))
                        #expect(target.hasPrefix(simulation.url + "/book/show/"))
                        #expect(target.hasSuffix(".xml?key=demo"))
                        met.append("redirect")
                    default:
                        #expect([500, 502, 503].contains(response.status))
                        met.append("broken")
                    }
                } catch is OutboundError {
                    met.append("cut")
                }
            }
            #expect(Set(met).count == 4, "\(met)")
            #expect(try simulation.log().map(\.fault) == met)
        }
    }

    @Test("that moves a page gives the page in its new place")
    func redirect() async throws {
        var plan = Simulation.plan()
        plan.faults = 0
        try await Simulation.run(plan) { simulation in
            let catalogue = SimulatedCatalogue(plan)
            let id = catalogue.world.id(of: .author, 2)
            let path = try #require(catalogue.otherPath(of: .item(.author, 2), "/author/show.xml"))
            #expect(catalogue.otherPath(of: .item(.author, 2), path) == nil)
            #expect(
                try await simulation.text("\(path)?key=demo")
                    == simulation.text("/author/show.xml?id=\(id)&key=demo"))
        }
    }
}
