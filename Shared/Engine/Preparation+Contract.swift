import Pipelines

extension Preparation {
    /// Does what the contract says of values that do not fit their columns.
    ///
    /// - Returns: Whether the objects have to be read again.
    mutating func keepContract(
        _ oddities: Oddities, _ plans: inout [ObjectPlan]
    ) async throws -> Bool {
        let misfits = oddities.misfits
        switch job.dataset.contract.changedTypes {
        case .discardRow: return false
        case .evolve:
            for misfit in misfits { widen(misfit) }
        case .discardValue:
            for misfit in misfits { plans[misfit.object].notes.append(note(misfit)) }
            return false
        case .freeze:
            for (object, misfits) in Dictionary(grouping: misfits, by: \.object) {
                let plan = plans[object]
                plans[object] = try await refused(object, plan.object, plan.path, refusal(misfits))
            }
        }
        return !misfits.isEmpty
    }

    private mutating func widen(_ misfit: Oddities.Misfit) {
        let column = job.dataset.columns[misfit.column]
        let wider = job.dataset.widerTypes(of: column)
        guard let type = wider.first(where: { $0.rawValue == misfit.value }) else { return }
        job.widen(misfit.column, to: type, for: misfit.object)
    }

    private func note(_ misfit: Oddities.Misfit) -> String {
        let column = job.dataset.columns[misfit.column]
        return "`\(column.name)` is null in \(records(misfit.count)) whose value is no "
            + "\(column.type.rawValue)\(sample(misfit))"
    }

    /// One of the values, where values may be shown.
    private func sample(_ misfit: Oddities.Misfit) -> String {
        guard !job.dataset.isPersonal, let value = misfit.value else { return "" }
        return ", like \(Rejection.quoted(value))"
    }

    private func refusal(_ misfits: [Oddities.Misfit]) -> Refusal {
        let columns = misfits.map { misfit in
            let column = job.dataset.allColumns[misfit.column]
            return "`\(column.field)` is no \(column.type.rawValue) in \(records(misfit.count))"
                + sample(misfit)
        }
        let field = misfits.first.map { job.dataset.allColumns[$0.column].field }
        return Refusal(
            .badValue, field: field,
            columns.joined(separator: "; ") + "; correct the object, change the column's type, or "
                + "set `contract: {changed_types: …}`")
    }

    private func records(_ count: Int) -> String { count == 1 ? "1 record" : "\(count) records" }
}
