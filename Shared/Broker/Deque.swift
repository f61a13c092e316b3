/// A line: what comes first leaves first, and what has left is not kept in memory.
///
/// A slice of an array would keep it, bodies and all, until the array is copied.
struct Deque<Element> {
    /// A ring; its size is a power of two.
    private var slots: [Element?] = Array(repeating: nil, count: 16)
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    var first: Element? { slots[head] }

    /// The element so many places behind the first.
    subscript(offset: Int) -> Element? {
        get { offset < count ? slots[place(offset)] : nil }
        set {
            precondition(offset < count, "there is no place \(offset)")
            slots[place(offset)] = newValue
        }
    }

    /// All of them, the first first.
    var elements: [Element] { (0..<count).compactMap { slots[place($0)] } }

    mutating func append(_ element: Element) {
        grow(for: 1)
        slots[place(count)] = element
        count += 1
    }

    /// Puts an element before the first.
    mutating func prepend(_ element: Element) {
        grow(for: 1)
        head = place(-1)
        slots[head] = element
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = slots[head].take()
        head = place(1)
        count -= 1
        return element
    }

    mutating func removeAll() {
        self = Deque()
    }

    mutating func removeAll(where isGone: (Element) -> Bool) {
        var kept = Deque()
        for element in elements where !isGone(element) { kept.append(element) }
        self = kept
    }

    private func place(_ offset: Int) -> Int { (head + offset) & (slots.count - 1) }

    private mutating func grow(for more: Int) {
        guard count + more > slots.count else { return }
        let kept = elements
        slots = kept + Array(repeating: nil, count: slots.count * 2 - kept.count)
        head = 0
    }
}

extension Deque: Sendable where Element: Sendable {}
