import Foundation
import Testing

@testable import Outbound

@Suite("A signature of OAuth 1.0a")
struct OAuth1SignatureTests {
    @Test("is that of RFC 5849, section 1.2")
    func photos() throws {
        let signature = OAuth1Signature(
            consumerKey: "dpf43f3p2l4k3l03", consumerSecret: "kd94hf93k423kf44",
            token: "nnch734d00sl2jdk", tokenSecret: "pfkkdhi9sl3r4s00")
        let header = try signature.header(
            .get, "http://photos.example.net/photos?file=vacation.jpg&size=original",
            at: Date(timeIntervalSince1970: 137_131_202), nonce: "chapoH")
        #expect(
            header == """
                OAuth oauth_consumer_key="dpf43f3p2l4k3l03", oauth_nonce="chapoH", \
                oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202", \
                oauth_token="nnch734d00sl2jdk", \
                oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"
                """)
    }

    @Test("is of the text of RFC 5849, section 3.4.1.1")
    func base() throws {
        let base = try OAuth1Signature.base(
            "POST", "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
            [
                ("c2", ""), ("a3", "2 q"), ("oauth_consumer_key", "9djdj82h48djs9d2"),
                ("oauth_token", "kkk9d7dh3k39sjv7"), ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "137131201"), ("oauth_nonce", "7d8f3e4a"),
            ])
        #expect(
            base == """
                POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26\
                b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26\
                oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26\
                oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7
                """)
    }
}
