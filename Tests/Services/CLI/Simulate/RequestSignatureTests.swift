import Foundation
import Outbound
import Testing

@testable import millrace

@Suite("A request's signature", .timeLimit(.minutes(5)))
struct RequestSignatureTests {
    @Test("is that of the example in RFC 5849")
    func example() {
        let signature = RequestSignature(
            credentials: .init(
                key: "dpf43f3p2l4k3l03", secret: "kd94hf93k423kf44", token: "nnch734d00sl2jdk",
                tokenSecret: "pfkkdhi9sl3r4s00"))
        let parameters = [
            "file": "vacation.jpg", "size": "original", "oauth_consumer_key": "dpf43f3p2l4k3l03",
            "oauth_token": "nnch734d00sl2jdk", "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": "137131202", "oauth_nonce": "chapoH",
        ]
        #expect(
            signature.signature("GET", "http://photos.example.net/photos", parameters)
                == "MdpQcU8iPSUjWoN/UDMsK2sui9I=")
    }

    @Test("lets its owner in once, from the query and from the header")
    func accepted() async throws {
        try await Simulation.run(Simulation.plan()) { simulation in
            let signed = Self.signed(simulation, nonce: "a b&c")
            #expect(try await simulation.text(signed).contains("<user id="))
            #expect(try await simulation.get(signed).status == 401)
            let fields = Self.parameters(simulation, nonce: "d").map { name, value in
                "\(name)=\"\(RequestSignature.encoded(value))\""
            }
            let header = "OAuth realm=\"x\", " + fields.joined(separator: ", ")
            let response = try await simulation.get(
                SimulatedCatalogue.signedPath, headers: [("Authorization", header)])
            #expect(response.status == 200)
        }
    }

    @Test("keeps others out")
    func refused() async throws {
        try await Simulation.run(Simulation.plan()) { simulation in
            let path = SimulatedCatalogue.signedPath
            let others = [
                path, path + "?key=demo", Self.signed(simulation, nonce: "1", secret: "guess"),
                Self.signed(simulation, nonce: "2", age: 301), Self.signed(simulation, nonce: ""),
                Self.signed(simulation, nonce: "3") + "&more=1",
                Self.signed(simulation, nonce: "4", key: "other"),
            ]
            for path in others {
                let response = try await simulation.get(path)
                #expect(response.status == 401, "\(path)")
            }
        }
    }

    @Test("is wanted for each call where the plan says so")
    func all() async throws {
        var plan = Simulation.plan()
        plan.signsAll = true
        try await Simulation.run(plan) { simulation in
            let path = "/review/recent_reviews.xml"
            let unsigned = try await simulation.get("\(path)?key=demo")
            #expect(unsigned.status == 401)
            #expect(
                try await simulation.get(Self.signed(simulation, nonce: "1", path: path)).status
                    == 200)
            #expect(
                try simulation.log().allSatisfy {
                    $0.query.keys.allSatisfy { !$0.hasPrefix("oauth") }
                })
        }
    }

    private static func parameters(
        _ simulation: Simulation, nonce: String, secret: String = "secret", key: String = "demo",
        age: Int = 0,
        path: String = SimulatedCatalogue.signedPath
    ) -> [(String, String)] {
        let time = Int(Date().timeIntervalSince1970) - age
        var parameters = [
            "oauth_consumer_key": key, "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": "\(time)",
            "oauth_nonce": nonce, "oauth_version": "1.0",
        ]
        let signature = RequestSignature(credentials: .init(key: key, secret: secret))
        parameters["oauth_signature"] = signature.signature(
            "GET", simulation.url + path, parameters)
        return parameters.sorted { $0.key < $1.key }
    }

    private static func signed(
        _ simulation: Simulation, nonce: String, secret: String = "secret", key: String = "demo",
        age: Int = 0,
        path: String = SimulatedCatalogue.signedPath
    ) -> String {
        let parameters = parameters(
            simulation, nonce: nonce, secret: secret, key: key, age: age, path: path)
        let query = parameters.map { "\($0)=\(RequestSignature.encoded($1))" }
        return path + "?" + query.joined(separator: "&")
    }
}
