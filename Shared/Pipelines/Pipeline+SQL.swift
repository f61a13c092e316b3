public import Events

extension Pipeline {
    /// A model's or check's SQL as the warehouse runs it: parameters as typed literals, datasets
    /// and models as quoted tables of the pipeline's schema, `{{table}}` as the table at hand.
    ///
    /// - Parameter table: What `{{table}}` stands for, already quoted; nil in a model.
    /// - Throws: A permanent error on a name that the pipeline does not have; `lint` passes none.
    public func warehouseSQL(
        _ template: String, table: String? = nil
    ) throws(HandlingError) -> String {
        try SQLTemplate(template).filled { (name) throws(HandlingError) -> String in
            if name == Self.tableWord, let table { return table }
            guard let text = warehouseText(of: name) else {
                throw HandlingError(
                    .permanent, "pipeline.unknown_name",
                    "pipeline \(self.name) has no dataset, model or parameter `\(name)`")
            }
            return text
        }
    }

    /// The datasets and models that a SQL text names.
    public func tables(in template: String) -> Set<String> {
        let names = Set(datasets.map(\.name) + models.map(\.name))
        return names.intersection(SQLTemplate(template).names)
    }

    /// The quoted, qualified warehouse table of a dataset or model.
    public func qualifiedTable(_ name: String) -> String { "\"\(schema)\".\"\(name)\"" }

    /// `{{table}}` in a check's SQL: the table that is looked at.
    static let tableWord = "table"
    /// `{{input}}` in a dataset's transform: the records as they were read.
    static let inputWord = "input"

    private func warehouseText(of name: String) -> String? {
        if let parameter = parameters.first(where: { $0.name == name }) {
            let literal = parameter.value.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "''")
            return "'\(literal)'::\(parameter.type.sqlName)"
        }
        return owner(of: name) != nil || model(name) != nil ? qualifiedTable(name) : nil
    }
}

extension ColumnType {
    /// The type's name in SQL as PostgreSQL and Redshift both read it.
    var sqlName: String {
        switch self {
        case .double: "double precision"
        case .decimal: "decimal(38, 9)"
        default: rawValue
        }
    }
}
