/// How much a document may ask for.
public struct YAMLLimits: Sendable {
    public var bytes: Int
    public var nodes: Int
    public var depth: Int

    public init(bytes: Int = 1 << 20, nodes: Int = 100_000, depth: Int = 32) {
        self.bytes = bytes
        self.nodes = nodes
        self.depth = depth
    }
}
