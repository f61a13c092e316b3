/// What becomes of objects and records that are not as their dataset declares.
///
/// Its words are those of the language: `freeze` refuses the object, `discard_row` rejects the
/// record, `discard_value` goes on without the value, `evolve` changes the table.
public struct Contract: Codable, Sendable, Equatable {
    /// For fields that no column takes.
    public enum NewColumns: String, Codable, Sendable, CaseIterable {
        case freeze, evolve
        case discardValue = "discard_value"
        case discardRow = "discard_row"
    }

    /// For columns whose field an object lacks, and that are not `optional`.
    public enum MissingColumns: String, Codable, Sendable, CaseIterable {
        case freeze, evolve
    }

    /// For values that do not fit the type of their column.
    public enum ChangedTypes: String, Codable, Sendable, CaseIterable {
        case freeze, evolve
        case discardValue = "discard_value"
        case discardRow = "discard_row"
    }

    /// For packed objects that end early.
    public enum Truncated: String, Codable, Sendable, CaseIterable {
        /// The object is refused.
        case refuse
        /// Its whole records go on; the one that is cut is a reject.
        case keep
    }

    public var newColumns: NewColumns
    public var missingColumns: MissingColumns
    public var changedTypes: ChangedTypes
    public var truncated: Truncated
    /// Texts that mean null in columns that nobody declared.
    public var nulls: [String]

    public init(
        newColumns: NewColumns = .freeze, missingColumns: MissingColumns = .freeze,
        changedTypes: ChangedTypes = .discardRow, truncated: Truncated = .refuse,
        nulls: [String] = [""]
    ) {
        self.newColumns = newColumns
        self.missingColumns = missingColumns
        self.changedTypes = changedTypes
        self.truncated = truncated
        self.nulls = nulls
    }

    private enum CodingKeys: CodingKey {
        case newColumns, missingColumns, changedTypes, truncated, nulls
    }

    public init(from decoder: any Decoder) throws {
        self.init()
        if let word = try? decoder.singleValueContainer().decode(String.self) {
            // Revisions of earlier releases say only what becomes of fields that no column takes.
            newColumns = word == "ignore" ? .discardValue : .freeze
            return
        }
        let values = try decoder.container(keyedBy: CodingKeys.self)
        newColumns = try values.decodeIfPresent(NewColumns.self, forKey: .newColumns) ?? newColumns
        missingColumns =
            try values.decodeIfPresent(MissingColumns.self, forKey: .missingColumns)
            ?? missingColumns
        changedTypes =
            try values.decodeIfPresent(ChangedTypes.self, forKey: .changedTypes) ?? changedTypes
        truncated = try values.decodeIfPresent(Truncated.self, forKey: .truncated) ?? truncated
        nulls = try values.decodeIfPresent([String].self, forKey: .nulls) ?? nulls
    }
}
