import Foundation
import Pipelines

/// What a job's script says of values that do not fit their columns, where the contract does not
/// simply reject their records; and of the types of columns that nobody declared.
struct Oddities {
    /// Values of one column that do not fit.
    struct Misfit: Decodable {
        /// The first object that has one, or the only one that is told of.
        var object: Int
        var column: Int
        var count: Int
        /// One of them; or the type that they ask for.
        var value: String?
    }

    private(set) var misfits: [Misfit] = []
    /// The types of new columns by their index; none for one without a value.
    private(set) var types: [Int: ColumnType] = [:]

    /// - Throws: `EngineError` when the lines are not what the script says.
    init(_ lines: [String]) throws(EngineError) {
        for line in lines {
            if line.hasPrefix(Self.misfit) {
                let json = Data(line.dropFirst(Self.misfit.count).utf8)
                do {
                    misfits.append(try JSONDecoder().decode(Misfit.self, from: json))
                } catch {
                    throw EngineError(.crashed, "the program's misfits cannot be read: \(line)")
                }
            } else if line.hasPrefix(Self.inferred) {
                let numbers = line.dropFirst(Self.inferred.count).split(separator: " ")
                    .compactMap { Int($0) }
                guard numbers.count == 2 else { continue }
                types[numbers[0]] = DuckDBInference.type(numbers[1])
            }
        }
    }

    static let misfit = "misfit "
    static let inferred = "inferred "

    /// The statement that tells of the misfits; empty where each is a fault of its record.
    static func statement(_ job: TransformJob) -> String {
        let misfits: String
        switch job.dataset.contract.changedTypes {
        case .discardRow: return ""
        case .freeze:
            let code = FieldFault.code(column: 0, .badValue)
            misfits = """
                SELECT object, fault // 16 AS c, value AS v FROM records WHERE fault % 16 = \(code)
                """
        case .discardValue, .evolve:
            misfits = """
                SELECT object, o.c AS c, o.v AS v FROM (SELECT object, unnest(odd) AS o \
                FROM records WHERE fault IS NULL AND odd IS NOT NULL) WHERE o.v IS NOT NULL
                """
        }
        let isByType = job.dataset.contract.changedTypes == .evolve
        return """
            SELECT '\(misfit)' || to_json({'object': min(object), 'column': c, \
            'count': count(*), 'value': min(v)}) FROM (\(misfits)) \
            GROUP BY c, \(isByType ? "v" : "object") ORDER BY ALL;
            """
    }
}
