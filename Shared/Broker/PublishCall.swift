extension RabbitPublisher {
    /// One call of `post` that waits.
    struct Call {
        private var open: Int
        let continuation: CheckedContinuation<Void, any Error>
        private(set) var error: BrokerError?

        init(open: Int, continuation: CheckedContinuation<Void, any Error>) {
            self.open = open
            self.continuation = continuation
        }

        /// One of its messages has its answer; the first error is the call's.
        ///
        /// - Returns: True when it was the last.
        mutating func answer(_ error: BrokerError?) -> Bool {
            open -= 1
            self.error = self.error ?? error
            return open == 0
        }
    }
}
