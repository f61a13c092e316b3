/// What a local stack is made of, in the order in which it is stopped.
public enum StackPart: String, Codable, CaseIterable, Sendable {
    case ingest, lander, transformer, loader, quality, notifier, broker, warehouse

    /// The two servers that the services stand on.
    public static let servers: [StackPart] = [.broker, .warehouse]
    /// Our own processes.
    public static let services: [StackPart] = allCases.filter { !servers.contains($0) }

    /// The service's executable file.
    var program: String { "millrace-\(rawValue)" }
}
