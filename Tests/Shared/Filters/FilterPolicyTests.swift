import Filters
import Foundation
import Testing

@Suite("A filter policy", .timeLimit(.minutes(5)))
struct FilterPolicyTests {
    @Test(
        "on a body lets through what is asked for",
        arguments: FilterCase.onEitherScope + FilterCase.nested)
    func body(_ row: FilterCase) throws {
        let policy = try FilterPolicy(row.policy, scope: .body)
        let message = FilterMessage(attributes: [:], body: Data(row.message.utf8))
        #expect(policy.accepts(message) == row.passes)
    }

    @Test("on attributes lets through what is asked for", arguments: FilterCase.onEitherScope)
    func attributes(_ row: FilterCase) throws {
        let policy = try FilterPolicy(row.policy)
        guard case .object(let members) = try JSONValue(row.message.utf8) else {
            Issue.record("attributes are an object")
            return
        }
        let attributes = Dictionary(members.map { ($0.name, $0.value) }) { _, last in last }
        #expect(policy.accepts(FilterMessage(attributes: attributes, body: Data())) == row.passes)
    }

    @Test("is held against a table that is long enough")
    func size() {
        #expect(Set(FilterCase.onEitherScope.map(\.description)).count >= 150)
    }

    @Test("that lets everything through does not exist: leave the policy out")
    func scopes() throws {
        let policy = try FilterPolicy(#"{"k":["x"]}"#, scope: .body)
        #expect(
            !policy.accepts(FilterMessage(attributes: ["k": .text("x")], body: Data("{}".utf8))))
        let other = try FilterPolicy(#"{"k":["x"]}"#)
        #expect(!other.accepts(FilterMessage(attributes: [:], body: Data(#"{"k":"x"}"#.utf8))))
    }

    @Test("takes as many combinations as SNS does, and no more")
    func combinations() throws {
        func list(_ count: Int) -> String {
            "[\((0..<count).map(String.init).joined(separator: ","))]"
        }
        _ = try FilterPolicy(#"{"a":\#(list(15)),"b":\#(list(10))}"#)
        _ = try FilterPolicy(#"{"a":\#(list(150))}"#)
        // The example of its documentation: 3 × 4 × 2 × 3 = 72.
        _ = try FilterPolicy(#"{"a":{"b":{"c":\#(list(4))}},"d":{"e":\#(list(3))}}"#, scope: .body)
        // Alternatives are added: 75 + 75.
        _ = try FilterPolicy(#"{"$or":[{"a":\#(list(75))},{"b":\#(list(75))}]}"#)
        for (text, scope) in [
            (#"{"a":\#(list(151))}"#, FilterPolicy.Scope.attributes),
            (#"{"a":\#(list(16)),"b":\#(list(10))}"#, .attributes),
            (#"{"a":{"b":{"c":\#(list(7))}},"d":{"e":\#(list(4))}}"#, .body),
            (#"{"$or":[{"a":\#(list(75))},{"b":\#(list(76))}]}"#, .body),
            (
                #"{"a":\#(list(200)),"b":\#(list(200)),"c":\#(list(200)),"d":\#(list(200)),"e":\#(list(200))}"#,
                .body
            ),
        ] {
            let mistake = #expect(throws: FilterMistake.self) {
                try FilterPolicy(text, scope: scope)
            }
            #expect(mistake?.message.contains("150 is the most") == true)
        }
    }

    @Test(
        "is refused with the place and the fix when it is malformed", arguments: MalformedPolicy.all
    )
    func malformed(_ row: MalformedPolicy) {
        let mistake = #expect(throws: FilterMistake.self) {
            try FilterPolicy(row.text, scope: row.scope)
        }
        #expect(mistake?.place == row.place)
        #expect(mistake?.line == row.line)
        #expect(mistake?.column == row.column)
        #expect(mistake?.message.contains(row.words) == true, "\(mistake?.message ?? "")")
    }

    @Test("on an attribute that no message has is refused, and the right ones are named")
    func unknownAttribute() throws {
        let known = ["severity", "topic"]
        let mistake = #expect(throws: FilterMistake.self) {
            try FilterPolicy(
                #"{"$or":[{"topic":["a"]},{"sevrity":["critical"]}]}"#, attributes: known)
        }
        #expect(mistake?.place == "$or[1].sevrity")
        #expect(mistake?.message.contains("severity, topic") == true)
        _ = try FilterPolicy(#"{"sevrity":["critical"]}"#, scope: .body, attributes: known)
    }

    @Test("of hundreds of kilobytes is read, and refused when it is too long")
    func long() throws {
        let long = String(repeating: "x", count: 250 << 10)
        let policy = try FilterPolicy(#"{"k":["\#(long)"]}"#)
        #expect(policy.accepts(FilterMessage(attributes: ["k": .text(long)], body: Data())))
        #expect(throws: FilterMistake.self) { try FilterPolicy(#"{"k":["\#(long + long)"]}"#) }
        #expect(throws: FilterMistake.self) {
            try FilterPolicy(String(repeating: "[", count: 100_000))
        }
    }
}
