import Testing

/// Real processes on a stack of their own: the programs as they are built, a real broker, a real
/// warehouse. The stack is started once for all of it and stopped in the end.
@Suite(
    "The whole way", .serialized, .localStack,
    .enabled(if: TestStack.canRun, "needs rabbitmq-server, postgresql and duckdb"))
enum EndToEnd {}
