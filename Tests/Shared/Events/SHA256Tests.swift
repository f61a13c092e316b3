import Events
import Foundation
import Testing

@Suite("SHA-256")
struct SHA256Tests {
    @Test(
        "gives the digests of FIPS 180-4's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ])
    func examples(text: String, digest: String) {
        #expect(SHA256.hex(of: Data(text.utf8)) == digest)
    }

    @Test("does not depend on how the bytes were cut")
    func pieces() {
        var digest = SHA256()
        for byte in Array("abc".utf8) {
            withUnsafeBytes(of: byte) { digest.update($0) }
        }
        #expect(digest.finish() == SHA256.hex(of: Data("abc".utf8)))
    }
}
