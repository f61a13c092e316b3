/// Files that are whole, waiting to be captured; each once.
actor Candidates {
    struct File: Sendable, Equatable {
        let folder: String
        let name: String
        let route: InboxPlan.Route

        var path: String { folder == "/" ? "/\(name)" : "\(folder)/\(name)" }
    }

    private let limit: Int
    private var files: [File] = []
    private var paths: Set<String> = []
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var isClosed = false

    /// - Parameter limit: The most files that wait; a later look finds the others again.
    init(limit: Int = 10_000) {
        self.limit = limit
    }

    /// Adds files that do not wait yet.
    func add(_ new: [File]) {
        for file in new where files.count < limit && paths.insert(file.path).inserted {
            files.append(file)
        }
        if !files.isEmpty { wake() }
    }

    /// Waits for files and takes the oldest of them; empty once this is closed.
    func next(upTo count: Int) async -> [File] {
        while files.isEmpty && !isClosed {
            await withCheckedContinuation { waiting.append($0) }
        }
        guard !isClosed else { return [] }
        let batch = Array(files.prefix(count))
        files.removeFirst(batch.count)
        paths.subtract(batch.map(\.path))
        return batch
    }

    /// Lets everyone who waits go.
    func close() {
        isClosed = true
        wake()
    }

    private func wake() {
        waiting.forEach { $0.resume() }
        waiting = []
    }
}
