/// One call to the server under way: how long it may take, and how it ends before its end.
struct ServerCall {
    /// How long a call may take, and whether its task may end it before.
    struct Patience {
        let limit: Duration
        var isStoppable = true
    }

    private let door: CancelDoor
    private let patience: Patience
    private let deadline: ContinuousClock.Instant
    private var stopBegan: ContinuousClock.Instant?

    /// How long the server may take to stop a statement. The limit's own end gets as much, since
    /// the server has the same limit and its answer is the better one.
    private static let grace = Duration.seconds(5)

    init(_ door: CancelDoor, _ patience: Patience) {
        self.door = door
        self.patience = patience
        deadline = .now + patience.limit + Self.grace
    }

    /// To be called again and again while the call waits.
    ///
    /// - Throws: When the call is given up: the server does not even stop. The connection cannot be
    ///   used any more.
    mutating func look() throws {
        let now = ContinuousClock.now
        let isCancelled = patience.isStoppable && Task.isCancelled
        guard isCancelled || now > deadline else { return }
        let began = stopBegan ?? now
        stopBegan = began
        if !patience.isStoppable || now > began + Self.grace {
            if isCancelled { throw CancellationError() }
            throw PostgresError(
                .unreachable, "no answer within \(patience.limit); the connection is given up")
        }
        // Again and again: the server forgets a request that overtakes its statement.
        door.knock()
    }
}
