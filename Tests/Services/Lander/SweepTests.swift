import Broker
import Events
import Foundation
import Lake
import Testing

@testable import lander

@Suite("The sweep of the landing zone")
struct SweepTests {
    private let hello = Data("hello".utf8)

    @Test("tells of an object whose event was lost, with the lander's own id")
    func lost() async throws {
        try await withBench { bench in
            let revision = try await bench.apply()
            let id = ULID()
            let key = LakeKeys.landing("shop", "orders", at: Date(), id: id, name: "a.csv")
            try await bench.lake.put(hello, at: key)
            try await bench.sweep.sweep()
            #expect(bench.publisher.events.map(\.id) == ["\(id).landed"])
            let told = try #require(try bench.landed.first)
            #expect(told.object == key && told.bytes == 5 && told.revision == revision)
            try await bench.sweep.sweep()
            #expect(bench.publisher.events.count == 1, "at most once a minute")
        }
    }

    @Test("leaves young objects to their own event")
    func young() async throws {
        try await withBench(age: 60) { bench in
            _ = try await bench.apply()
            try await bench.lake.put(
                hello, at: LakeKeys.landing("shop", "orders", at: Date(), id: ULID(), name: "a"))
            try await bench.sweep.sweep()
            #expect(bench.publisher.events.isEmpty)
        }
    }

    @Test("tells of the oldest twenty of a dataset, not of all")
    func bounded() async throws {
        try await withBench { bench in
            _ = try await bench.apply()
            for _ in 0..<30 {
                let key = LakeKeys.landing("shop", "orders", at: Date(), id: ULID(), name: "a")
                try await bench.lake.put(hello, at: key)
            }
            try await bench.sweep.sweep()
            #expect(bench.publisher.events.count == 20)
        }
    }

    @Test("tells of objects at equal distances: a batch takes the neighbours along")
    func spread() async throws {
        try await withBench { bench in
            _ = try await bench.apply()
            let ids = (0..<100).map { ULID(at: Date(timeIntervalSinceNow: Double($0 - 200))) }
            for id in ids {
                let key = LakeKeys.landing("shop", "orders", at: Date(), id: id, name: "a")
                try await bench.lake.put(hello, at: key)
            }
            try await bench.sweep.sweep()
            let told = bench.publisher.events.map(\.id)
            #expect(told == (0..<20).map { "\(ids[$0 * 5]).landed" })
        }
    }

    @Test("passes over its own keys with few calls, and finds foreign names before and behind them")
    func passes() async throws {
        let store = CountingStore(MemoryStore())
        let bench = try await SweepBench(store)
        for number in 0..<3_000 {
            let id = ULID(at: Date(timeIntervalSinceNow: Double(number - 3_000)))
            let key = LakeKeys.landing("shop", "orders", at: Date(), id: id, name: "a")
            try await store.put(hello, at: key)
        }
        let day = try #require(try await store.list(prefix: "landing/", after: nil, limit: 1).first)
            .key.split(separator: "/").dropLast().joined(separator: "/")
        let names = ["0001.csv", "2024-01.csv", "7.csv", "8.csv", "Z.csv", "a.csv"]
        for name in names { try await store.put(hello, at: "\(day)/\(name)") }
        try await store.put(hello, at: "landing/shop/orders/foreign.csv")
        // Sorts between two ids of the day: only the full sweep, which is the first, finds it.
        let hidden = "\(ULID().description.prefix(9))-hidden.csv"
        try await store.put(hello, at: "\(day)/\(hidden)")
        try await bench.sweep.sweep()
        try await bench.sweep.sweep()
        let adopted = try bench.landed.compactMap { LakeKeys.landed($0.object)?.name.dropFirst(27) }
            .filter { $0 != "a" }
        #expect(Set(adopted) == Set(names.map { $0[...] } + ["foreign.csv", hidden[...]]))
        try await bench.sweep.sweep()
        let before = store.lists
        try await bench.sweep.sweep()
        #expect(store.lists - before <= 3)
        try await store.put(hello, at: "\(day)/2025.csv")
        for _ in 0..<2 { try await bench.sweep.sweep() }
        #expect(try bench.landed.contains { $0.object.hasSuffix("-2025.csv") })
    }

    @Test("adopts a file that lies still, under a key of its own")
    func adopts() async throws {
        try await withBench { bench in
            _ = try await bench.apply()
            try await bench.lake.put(hello, at: "landing/shop/orders/my file.csv")
            try await bench.lake.put(hello, at: "landing/shop/orders/2026/11/deep.csv")
            try await bench.sweep.sweep()
            #expect(bench.publisher.events.isEmpty)
            try await bench.sweep.sweep()
            let told = try bench.landed.map(\.object).sorted()
            #expect(try await bench.keys() == told)
            let names = told.compactMap { LakeKeys.landed($0)?.name.dropFirst(27) }
            #expect(Set(names) == ["my_file.csv", "deep.csv"])
            #expect(try bench.landed.allSatisfy { $0.sha256 == nil })
        }
    }

    @Test("leaves a file that grows, has a writer or an unfinished name")
    func unfinished() async throws {
        try await withBench { bench in
            _ = try await bench.apply()
            let growing = "landing/shop/orders/growing.csv"
            try await bench.lake.put(hello, at: "landing/shop/orders/a.csv.part")
            try await bench.lake.put(hello, at: "landing/shop/orders/open.csv")
            let handle = try #require(
                FileHandle(
                    forWritingAtPath: bench.lake.location(of: "landing/shop/orders/open.csv")))
            for size in 1...4 {
                try await bench.lake.put(Data(repeating: 1, count: size), at: growing)
                try await bench.sweep.sweep()
            }
            #expect(bench.publisher.events.isEmpty)
            #expect(try await bench.keys().count == 3)
            try handle.close()
            try await bench.sweep.sweep()
            #expect(try bench.landed.count == 2)
        }
    }

    @Test("leaves what is of no dataset, and goes on with the others")
    func strays() async throws {
        try await withBench { bench in
            _ = try await bench.apply()
            let strays = [
                "landing/shop/nothing/a.csv", "landing/aaa/orders/a.csv", "landing/stray.csv",
                "landing/shop/stray.csv", "landing/shop-2/orders/a.csv",
            ]
            for key in strays { try await bench.lake.put(hello, at: key) }
            try await bench.lake.put(hello, at: "landing/shop/orders/a.csv")
            for _ in 0..<2 { try await bench.sweep.sweep() }
            #expect(try bench.landed.count == 1)
            #expect(try await Set(bench.keys()).isSuperset(of: strays))
        }
    }

    @Test("is done by one of two landers")
    func race() async throws {
        try await withBench { bench in
            _ = try await bench.apply()
            let second = Bench(bench.path)
            for number in 0..<20 {
                try await bench.lake.put(hello, at: "landing/shop/orders/\(number).csv")
            }
            for sweep in [bench.sweep, second.sweep] { try await sweep.sweep() }
            async let first: Void = bench.sweep.sweep()
            async let other: Void = second.sweep.sweep()
            _ = try await (first, other)
            let told = try bench.landed.map(\.object) + second.landed.map(\.object)
            #expect(try await Set(bench.keys()) == Set(told))
            #expect(try await bench.keys().count == 20)
        }
    }
}
