import Events
import Pipelines

extension Pipeline {
    /// Gives a dataset the columns that data has brought, and the types that it asked for, where
    /// its contract lets it.
    mutating func grow(_ dataset: String, by evolved: [EvolvedColumn]) {
        guard let index = datasets.firstIndex(where: { $0.name == dataset }) else { return }
        // Those without a value have no type yet: any holds nothing.
        for brought in evolved.filter({ $0.type != nil }) + evolved.filter({ $0.type == nil }) {
            let type = brought.type.flatMap(ColumnType.init)
            guard let place = datasets[index].columns.firstIndex(where: { $0.name == brought.name })
            else {
                datasets[index].columns.append(
                    Column(name: brought.name, field: brought.field, type: type ?? .text))
                continue
            }
            guard let type else { continue }
            let present = datasets[index].columns[place].type
            datasets[index].columns[place].type = present.joined(type, isNew: brought.isNew)
        }
    }
}

extension ColumnType {
    /// The narrowest type that has the values of both.
    ///
    /// - Parameter isNew: Of a column that nobody declared, where a date is no time.
    fileprivate func joined(_ other: ColumnType, isNew: Bool) -> ColumnType {
        if self == other { return self }
        let isTimes = isNew && [self, other].contains { $0 == .date || $0 == .timestamp }
        if isTimes { return .text }
        if wider.contains(other) { return other }
        return other.wider.contains(self) ? self : .text
    }
}
