/// The deliveries of one connection that have no answer yet, and the fewest words that answer
/// many.
///
/// It also keeps a second answer to the same delivery from the broker, which would end the
/// connection for it.
struct UnansweredTags {
    /// What the broker is told.
    enum Word: Equatable {
        case acknowledge(UInt64, all: Bool)
        case reject(UInt64, requeue: Bool)
    }

    /// Rising, as the broker counts them.
    private var tags: [UInt64] = []

    var count: Int { tags.count }

    mutating func add(_ tag: UInt64) {
        tags.append(tag)
    }

    /// What to say for these answers.
    mutating func words(for answers: [DeliveryDesk.Answer]) -> [Word] {
        // What nearly always is the case needs no look at who was first.
        if answers.allSatisfy({ $0.verdict == .done }) {
            return acknowledge(answers.map(\.tag).sorted())
        }
        var words: [Word] = []
        var done: [UInt64] = []
        var seen: Set<UInt64> = []
        // The first answer counts.
        for answer in answers where seen.insert(answer.tag).inserted {
            let tag = answer.tag
            switch answer.verdict {
            case .done: done.append(tag)
            // First of all, so that no acknowledgement of many takes it along.
            case .again, .dead:
                if remove(tag) { words.append(.reject(tag, requeue: answer.verdict == .again)) }
            }
        }
        return words + acknowledge(done.sorted())
    }

    private mutating func acknowledge(_ done: [UInt64]) -> [Word] {
        // The oldest ones, as far as none is missing, need one word together.
        let together = zip(tags, done).prefix { $0 == $1 }.count
        var words: [Word] = []
        if together > 0 {
            words.append(.acknowledge(done[together - 1], all: true))
            tags.removeFirst(together)
        }
        for tag in done[together...] where remove(tag) {
            words.append(.acknowledge(tag, all: false))
        }
        return words
    }

    /// - Returns: False when it has its answer already.
    private mutating func remove(_ tag: UInt64) -> Bool {
        var (low, high) = (0, tags.count)
        while low < high {
            let middle = (low + high) / 2
            if tags[middle] < tag { low = middle + 1 } else { high = middle }
        }
        guard low < tags.count, tags[low] == tag else { return false }
        tags.remove(at: low)
        return true
    }
}
