import Testing

@testable import Outbound

@Suite("An address guard for users' addresses")
struct AddressGuardTests {
    private static let refused = [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255",
        "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
        "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
        "::ffff:0:127.0.0.1", "fe80::1", "fec0::1", "fc00::1", "fd00::1", "ff02::1",
        "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1",
        "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1", "4000::1",
    ]

    @Test("refuses what is not a public host", arguments: refused)
    func refuses(text: String) throws {
        let address = try #require(IPAddress(text))
        let verdict = AddressGuard.publicOnly().judge(address, port: 443, isEncrypted: true)
        #expect(verdict != .allowed)
    }

    @Test(
        "lets public hosts pass",
        arguments: [
            "8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
            "172.15.255.255", "172.32.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
            "2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888", "3ffe::1",
            "::ffff:8.8.8.8",
        ])
    func allows(text: String) throws {
        let address = try #require(IPAddress(text))
        let verdict = AddressGuard.publicOnly().judge(address, port: 443, isEncrypted: true)
        #expect(verdict == .allowed)
    }

    @Test(
        "lets what the operator allows pass, without TLS and on any port",
        arguments: [
            ("127.0.0.1", "127.0.0.0/8", true), ("::ffff:127.0.0.1", "127.0.0.0/8", true),
            ("10.1.2.3", "10.1.0.0/16", true), ("10.2.2.3", "10.1.0.0/16", false),
            ("::1", "::1", true), ("::1", "127.0.0.0/8", false), ("fd00::5", "fd00::/8", true),
        ])
    func except(text: String, network: String, isAllowed: Bool) throws {
        let address = try #require(IPAddress(text))
        let allowed = try #require(Network(network))
        let verdict = AddressGuard.publicOnly(except: [allowed])
            .judge(address, port: 25, isEncrypted: false)
        #expect((verdict == .allowed) == isAllowed)
    }

    @Test(
        "wants TLS, and a port of its own, towards the public",
        arguments: [
            (443, true, true), (8443, true, true), (443, false, false), (80, false, false),
            (25, true, false), (22, true, false), (6379, false, false),
        ])
    func ports(port: Int, isEncrypted: Bool, isAllowed: Bool) throws {
        let address = try #require(IPAddress("8.8.8.8"))
        let verdict = AddressGuard.publicOnly()
            .judge(address, port: port, isEncrypted: isEncrypted)
        #expect((verdict == .allowed) == isAllowed)
    }

    @Test("for one host keeps everything on it")
    func loopback() throws {
        let here = try #require(IPAddress("127.0.0.1"))
        let away = try #require(IPAddress("8.8.8.8"))
        let guarded = AddressGuard.loopbackOnly
        #expect(guarded.judge(here, port: 25, isEncrypted: false) == .allowed)
        #expect(guarded.judge(away, port: 25, isEncrypted: false) != .allowed)
    }
}

@Suite("A network")
struct NetworkTests {
    @Test(
        "is read only when it is written without doubt",
        arguments: [
            ("127.0.0.0/8", true), ("10.1.2.3", true), ("::1", true), ("2000::/3", true),
            ("0.0.0.0/0", true), ("10.1.2.3/8", false), ("10.0.0.0/33", false), ("10/8", false),
            ("", false), ("/8", false), ("10.0.0.0/", false), ("localhost", false),
            ("10.0.0.0/8/8", false), ("10.0.0.0/-1", false),
        ])
    func reading(text: String, isNetwork: Bool) {
        #expect((Network(text) != nil) == isNetwork)
    }
}
