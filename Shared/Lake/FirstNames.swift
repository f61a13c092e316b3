import Glibc

/// The first names of a folder in the order of keys: as many as are wanted, however many there are.
struct FirstNames {
    /// True when there were more than are kept.
    private(set) var isCut = false
    private let limit: Int
    /// A folder's ends with a slash, which puts it where its keys belong.
    private var names: [[UInt8]] = []
    /// Once there are enough: what does not sort before it is not wanted.
    private var bound: [UInt8]?

    init(limit: Int) {
        // Not fewer, since some turn out to be empty folders, or gone.
        self.limit = max(limit, 64)
    }

    /// Takes a name into account.
    mutating func add(_ name: UnsafeRawBufferPointer, isFolder: Bool) {
        if let bound, !isFolder, !name.precedes(bound) {
            isCut = true
            return
        }
        names.append(Array(name) + (isFolder ? [UInt8(ascii: "/")] : []))
        if names.count >= limit * 2 { cut() }
    }

    /// The first names, in their order.
    mutating func take() -> [[UInt8]] {
        cut()
        return names
    }

    private mutating func cut() {
        names.sort { left, right in left.withUnsafeBytes { $0.precedes(right) } }
        guard names.count > limit else { return }
        names.removeLast(names.count - limit)
        bound = names.last
        isCut = true
    }
}

extension UnsafeRawBufferPointer {
    /// The order of keys: by bytes, and what is shorter first.
    func precedes(_ other: [UInt8]) -> Bool {
        other.withUnsafeBytes { other in
            let shared = Swift.min(count, other.count)
            guard shared > 0, let left = baseAddress, let right = other.baseAddress else {
                return count < other.count
            }
            let order = memcmp(left, right, shared)
            return order == 0 ? count < other.count : order < 0
        }
    }
}
