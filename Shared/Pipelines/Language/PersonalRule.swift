import YAML

/// Whether what is done with personal data fits what the column is for.
struct PersonalRule {
    static let key = Key(
        "personal", .words(of: Personal.self), "How values that tell of a person are hidden",
        example: "hash")

    let owner: String
    let findings: Findings

    /// Reads the option of a column.
    static func read(_ fields: Fields, _ owner: String, _ type: ColumnType?) -> Personal? {
        guard let node = fields["personal"],
            let personal = fields.findings.choice(
                node, "way with personal data", of: Personal.self)
        else { return nil }
        if let type, type != .text, personal != .drop {
            fields.findings.report(
                .misplacedOption,
                "`personal: \(personal.rawValue)` makes texts, and \(owner) is "
                    + type.rawValue,
                at: fields.keyWord("personal") ?? fields.place,
                fix: "make the column a text, or write personal: drop")
        }
        return personal
    }

    /// Looks at the columns that rows are told apart by.
    func check(_ load: Load, _ columns: [Column], at place: Word) {
        for column in columns {
            guard let personal = column.personal else { continue }
            if load.key.contains(column.name), personal != .hash {
                findings.report(
                    .misplacedOption,
                    "key column `\(column.name)` of \(owner) is hidden by "
                        + "`personal: \(personal.rawValue)`, so that rows cannot be told apart",
                    at: place, fix: "write personal: hash, which keeps equal values equal")
            } else if load.newestBy == column.name {
                findings.report(
                    .misplacedOption,
                    "`newest_by` column `\(column.name)` of \(owner) is hidden by "
                        + "`personal: \(personal.rawValue)`, so that it says not what is newer",
                    at: place, fix: "take another column for newest_by")
            }
        }
    }

    /// Fields that nobody has named would go into the table in clear, also a personal one that the
    /// source has renamed.
    func check(_ contract: Contract, _ columns: [Column], at place: Word) {
        guard contract.newColumns == .evolve,
            let column = columns.first(where: { $0.personal != nil })
        else { return }
        findings.report(
            .misplacedOption,
            "\(owner) hides personal data (`\(column.name)`) and takes new columns as they come, "
                + "so that a renamed field would be seen by all", at: place,
            fix: "write contract: {new_columns: freeze}, or discard_value")
    }
}
