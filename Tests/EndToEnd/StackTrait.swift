import Testing

/// Starts a stack before a suite and stops it behind the last of its tests.
struct StackTrait: SuiteTrait, TestScoping {
    @concurrent
    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let stack = try await TestStack.start()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(
                try await TestStack.$current.withValue(stack) { try await function() })
        } catch {
            outcome = .failure(error)
        }
        try await stack.stop()
        try outcome.get()
    }
}

extension Trait where Self == StackTrait {
    /// A local stack for the whole suite: `TestStack.required()`.
    static var localStack: StackTrait { StackTrait() }
}
