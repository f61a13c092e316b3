/// Lets a number of tests through at the same time; the others wait in line.
actor Gate {
    private var places: Int
    private var line: [CheckedContinuation<Void, Never>] = []

    init(places: Int) {
        self.places = places
    }

    /// Returns when there is a place, which is the caller's until `leave`.
    func enter() async {
        guard places == 0 else {
            places -= 1
            return
        }
        await withCheckedContinuation { line.append($0) }
    }

    /// Gives the place to whoever is next.
    func leave() {
        if line.isEmpty { places += 1 } else { line.removeFirst().resume() }
    }
}
