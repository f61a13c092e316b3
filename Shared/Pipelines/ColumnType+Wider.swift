extension ColumnType {
    /// The types that a column of this one may be changed to so that it keeps what it has, the
    /// nearest first.
    public var wider: [ColumnType] {
        switch self {
        case .smallint: [.integer, .bigint, .decimal, .text]
        case .integer: [.bigint, .decimal, .text]
        case .bigint: [.decimal, .text]
        case .date: [.timestamp, .text]
        case .decimal, .double, .boolean, .timestamp, .timestamptz: [.text]
        case .text, .json: []
        }
    }
}

extension Dataset {
    /// The types that a column may be changed to when its values ask for it. What rows are known
    /// by and ordered by stays a number: as texts, 9 comes after 10.
    public func widerTypes(of column: Column) -> [ColumnType] {
        let isPlain = column.map == nil && column.personal == nil
        guard contract.changedTypes == .evolve, isPlain else { return [] }
        let isTold = load.key.contains(column.name) || load.newestBy == column.name
        // Their tables keep keys and times in other columns as well.
        if isTold, load.mode == .scd2 || load.deleteWhen != nil { return [] }
        return column.type.wider.filter { !isTold || [.integer, .bigint, .decimal].contains($0) }
    }
}
