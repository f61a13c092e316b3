import Pipelines

/// The expressions that hide personal data, and the statements that get the key for it.
struct DuckDBPersonal {
    let dataset: Dataset
    /// The file of the key; nil where nothing is hashed.
    let keyFile: String?

    /// What is written in place of a column's value.
    static func hidden(_ value: String, _ personal: Personal?) -> String {
        switch personal {
        case nil, .drop: value
        case .mask: "CASE WHEN \(value) IS NOT NULL THEN '***' END"
        case .last4:
            "CASE WHEN length(\(value)) >= 8 THEN '***' || right(\(value), 4) "
                + "WHEN \(value) IS NOT NULL THEN '***' END"
        case .hash:
            // HMAC, RFC 2104. `||` of a null is null.
            "sha256(getvariable('personal_outer') || "
                + "unhex(sha256(getvariable('personal_inner') || encode(\(value)))))"
        }
    }

    /// Reads the key from its file, so that no script, log or process list holds it: two variables
    /// with the key in 64 bytes, each byte combined with the constants of RFC 2104.
    var statements: String {
        guard let keyFile else { return "" }
        func pad(_ byte: String) -> String {
            "xor(CAST(unhex(getvariable('personal_key')) AS BIT), "
                + "CAST(unhex(repeat('\(byte)', 64)) AS BIT))"
        }
        return """
            SET VARIABLE personal_key = (SELECT rpad(CASE WHEN length(k) > 128 \
            THEN sha256(unhex(k)) ELSE k END, 128, '0') FROM (SELECT \
            regexp_replace(hex(content), '(0D|0A)*$', '') AS k \
            FROM read_blob(\(DuckDBDialect.literal(keyFile)))));
            SET VARIABLE personal_inner = CAST(\(pad("36")) AS BLOB);
            SET VARIABLE personal_outer = CAST(\(pad("5C")) AS BLOB);
            RESET VARIABLE personal_key;
            """
    }

    /// Forgets the key before the dataset's own SELECT, which could ask for it.
    var end: String {
        keyFile == nil
            ? "" : "RESET VARIABLE personal_inner;\nRESET VARIABLE personal_outer;"
    }
}

/// The key for what is hashed.
enum PersonalKey {
    /// A shorter one can be guessed.
    static let leastBytes = 16

    /// The file to read, looked at; nil where the dataset hashes nothing.
    static func file(_ path: String?, for dataset: Dataset) throws(EngineError) -> String? {
        guard let column = dataset.columns.first(where: { $0.personal == .hash }) else {
            return nil
        }
        let need = "dataset `\(dataset.name)` hashes `\(column.name)`"
        let setting = "MILLRACE_PERSONAL_KEY_FILE"
        guard let path else {
            throw EngineError(
                .key,
                "\(need), and there is no key: set \(setting) for the transformer to a file with "
                    + "at least \(leastBytes) bytes that nobody can guess")
        }
        let count: Int
        do {
            count = try MappedFile.read(path) { bytes in
                bytes.reversed().drop { $0 == 0x0A || $0 == 0x0D }.count
            }
        } catch {
            throw EngineError(.key, "\(need), and the key of \(setting) cannot be used: \(error)")
        }
        guard count >= leastBytes else {
            throw EngineError(
                .key,
                "\(need), and the key in `\(path)` (\(setting)) has \(count) bytes; it needs "
                    + "\(leastBytes)")
        }
        return path
    }
}
