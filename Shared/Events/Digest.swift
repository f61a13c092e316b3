import COpenSSL

public import struct Foundation.Data

/// SHA-256, fed in pieces.
public struct SHA256: ~Copyable {
    private let context: OpaquePointer

    public init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        self.context = context
        precondition(EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1, "SHA-256 is not available")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes the next bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1)
    }

    /// The digest of all bytes so far as 64 lower-case hexadecimal digits.
    public consuming func finish() -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        precondition(EVP_DigestFinal_ex(context, &digest, nil) == 1)
        let alphabet = Array("0123456789abcdef".utf8)
        let letters = digest.flatMap { [alphabet[Int($0 >> 4)], alphabet[Int($0 & 15)]] }
        return String(decoding: letters, as: UTF8.self)
    }

    /// The digest of `data` as 64 lower-case hexadecimal digits.
    public static func hex(of data: Data) -> String {
        var digest = SHA256()
        data.withUnsafeBytes { digest.update($0) }
        return digest.finish()
    }
}
