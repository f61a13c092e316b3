/// Finds the objects of a batch that the engine dies of, by trying parts of the batch.
///
/// One death proves nothing: a neighbour may have used up the memory. After the second one of a
/// batch its halves are tried, and the halves of those that it dies of again, down to single
/// objects. An object is guilty when the engine died on it twice while there was no other.
struct Suspicion: Codable, Sendable, Equatable {
    /// What to do next.
    enum Step: Equatable {
        /// All of the batch but the guilty.
        case whole
        /// Only these, to see whether the engine survives them.
        case trial([String])
    }

    /// How often it died on the whole batch.
    private(set) var deaths = 0
    /// Names of objects that are still to be tried together.
    private(set) var groups: [[String]] = []
    private var strikes: [String: Int] = [:]
    /// By name, what the engine said when it died on that object.
    private(set) var guilty: [String: String] = [:]

    var next: Step { groups.last.map(Step.trial) ?? .whole }

    /// The names of the objects that `next` is about.
    ///
    /// - Parameter names: Those of the whole batch.
    func tried(of names: [String]) -> [String] {
        groups.last ?? names.filter { guilty[$0] == nil }
    }

    /// The engine died.
    ///
    /// - Parameters:
    ///   - names: What it had been given.
    ///   - words: What it said.
    mutating func died(on names: [String], saying words: String) {
        if groups.isEmpty { deaths += 1 } else { groups.removeLast() }
        if names.count == 1, let name = names.first {
            strike(name, words)
        } else if deaths >= 2 {
            groups.append(Array(names[(names.count / 2)...]))
            groups.append(Array(names[..<(names.count / 2)]))
        }
    }

    /// The engine got through.
    mutating func survived() {
        _ = groups.popLast()
    }

    private mutating func strike(_ name: String, _ words: String) {
        strikes[name, default: 0] += 1
        if strikes[name, default: 0] >= 2 {
            guilty[name] = words
        } else if deaths >= 2 {
            groups.append([name])
        }
    }
}
