/// Which addresses a client may connect to, judged on the numeric address of each connection
/// after the name was resolved, so that no name, redirect or spelling gets around it.
public struct AddressGuard: Sendable {
    /// What the guard says of an address.
    public enum Verdict: Sendable, Equatable {
        case allowed
        /// Why not, as words for a person.
        case refused(String)
    }

    private enum Policy: Sendable {
        case anywhere
        case only([Network])
        case publicOnly(except: [Network], setting: String)
    }

    private let policy: Policy

    /// For servers that the operator has set, such as the broker's management API.
    public static let anywhere = AddressGuard(policy: .anywhere)

    /// For what must not leave the host, such as mail without encryption.
    public static let loopbackOnly = AddressGuard(policy: .only(loopback))

    /// For addresses that users give: public ones over TLS, and whatever `allowed` names.
    ///
    /// - Parameter setting: What permits others, for messages.
    public static func publicOnly(
        except allowed: [Network] = [], setting: String = "webhook-allow"
    ) -> AddressGuard {
        AddressGuard(policy: .publicOnly(except: allowed, setting: setting))
    }

    /// Judges a connection before its socket is opened.
    ///
    /// - Parameter isEncrypted: Whether TLS is spoken from the first byte.
    public func judge(_ address: IPAddress, port: Int, isEncrypted: Bool) -> Verdict {
        let address = address.canonical
        switch policy {
        case .anywhere:
            return .allowed
        case .only(let networks):
            return networks.contains { $0.contains(address) }
                ? .allowed : .refused("\(address) is not on this host")
        case .publicOnly(let allowed, let setting):
            if allowed.contains(where: { $0.contains(address) }) { return .allowed }
            return Self.judgePublic(address, port, isEncrypted: isEncrypted, setting)
        }
    }

    private static func judgePublic(
        _ address: IPAddress, _ port: Int, isEncrypted: Bool, _ setting: String
    ) -> Verdict {
        let reserved = address.bytes.count == 4 ? reservedV4 : reservedV6
        if let block = reserved.first(where: { $0.network.contains(address) }) {
            return .refused("\(address) is \(block.meaning); `\(setting)` can permit it")
        }
        if address.bytes.count == 16, !globalUnicast.contains(address) {
            return .refused("\(address) is not a public address")
        }
        if !isEncrypted {
            return .refused("\(address) is public and the URL is not https")
        }
        if port < 1024, port != 443 {
            return .refused("port \(port) belongs to another service than HTTPS")
        }
        return .allowed
    }

    private static let loopback = [Network(literal: "127.0.0.0/8"), Network(literal: "::1/128")]
    private static let globalUnicast = Network(literal: "2000::/3")

    private typealias Block = (network: Network, meaning: String)

    /// IANA's special-purpose blocks of IPv4 that are not globally reachable.
    private static let reservedV4: [Block] = [
        ("0.0.0.0/8", "this host"), ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "a carrier's inside"), ("127.0.0.0/8", "this host"),
        ("169.254.0.0/16", "link-local"), ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"), ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "a 6to4 relay"), ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"), ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"), ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    ].map { (Network(literal: $0), $1) }

    /// Blocks inside 2000::/3 that are no public hosts or lead to an IPv4 address by translation;
    /// whatever lies outside 2000::/3 (NAT64's 64:ff9b:: too) is refused anyway.
    private static let reservedV6: [Block] = [
        ("::/128", "this host"), ("::1/128", "this host"), ("fe80::/10", "link-local"),
        ("fc00::/7", "private"), ("ff00::/8", "multicast"), ("64:ff9b::/96", "an IPv4 translation"),
        ("64:ff9b:1::/48", "an IPv4 translation"), ("2001::/23", "reserved, Teredo among it"),
        ("2001:db8::/32", "for documentation"), ("2002::/16", "6to4, an IPv4 translation"),
        ("3fff::/20", "for documentation"),
    ].map { (Network(literal: $0), $1) }
}
