import Testing

@testable import Broker

@Suite("A broker's address")
struct BrokerAddressTests {
    @Test("is read from a URL, without showing the password again")
    func parts() throws {
        let address = try BrokerAddress(url: "amqps://me:secret@[::1]:5699/a%2Fb")
        #expect(address.host == "::1" && address.port == 5699 && address.user == "me")
        #expect(address.virtualHost == "a/b" && address.usesTLS && address.password == "secret")
        #expect(address.description == "amqps://me@[::1]:5699/a%2Fb")
    }

    @Test(
        "has the defaults of AMQP",
        arguments: [("amqp://h", 5672), ("amqp://h/", 5672), ("amqps://h/%2F", 5671)])
    func defaults(url: String, port: Int) throws {
        let address = try BrokerAddress(url: url, password: "given")
        #expect(address.port == port && address.virtualHost == "/")
        #expect(address.user == "guest" && address.password == "given")
    }

    @Test(
        "is refused when it is not one", arguments: ["", "http://h/", "amqp://", "amqp://h/a/b"])
    func malformed(url: String) {
        #expect(throws: BrokerError.self) { try BrokerAddress(url: url) }
    }
}
