import Events
import Foundation

/// What is known of a dataset or a model: where its rows are, how many, how old.
struct CatalogEntry: Encodable {
    enum Kind: String, Encodable { case dataset, child, model }

    /// A column as the pipeline declares it and as the warehouse has it.
    struct Column: Encodable {
        let name: String
        /// Nil in a model, and where data has brought the column.
        let type: String?
        /// Nil while it is not there.
        let warehouse: String?
        let required: Bool
    }

    let pipeline: String
    let name: String
    let kind: Kind
    let revision: String
    /// e.g. `merge by id`; nil for a model.
    let load: String?
    let schedule: String?
    var columns: [Column]
    /// In the warehouse, `schema.table`.
    let table: String
    /// As the warehouse estimates it without counting; nil while there is no table.
    let rows: Int?
    let tableBytes: Int?
    /// When rows were published last, or the model was computed.
    let publishedAt: Date?
    let zones: [LakeFolder]

    enum CodingKeys: String, CodingKey {
        case pipeline, name, kind, revision, load, schedule, columns, table, zones
        case rows = "rows_estimate"
        case tableBytes = "table_bytes"
        case publishedAt = "published_at"
    }

    func zone(_ name: String) -> LakeFolder? { zones.first { $0.zone == name } }
}
