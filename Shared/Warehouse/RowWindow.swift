/// Some rows of a staging table, by their place in it. Places are numbered through the table's
/// blocks; not every place has a row.
public struct RowWindow: Sendable, Equatable {
    /// More than a block has room for, whatever its size.
    public static let placesPerBlock = 2_048

    /// The places.
    public let places: Range<Int>

    public init(_ places: Range<Int>) {
        self.places = places
    }

    /// The condition on PostgreSQL's rows.
    var condition: String {
        "ctid >= '\(Self.place(places.lowerBound))'::tid "
            + "and ctid < '\(Self.place(places.upperBound))'::tid"
    }

    private static func place(_ number: Int) -> String {
        let (block, row) = number.quotientAndRemainder(dividingBy: placesPerBlock)
        return "(\(block),\(row))"
    }
}
