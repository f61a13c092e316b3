/// What one job of an engine may use.
public struct EngineLimits: Sendable, Equatable {
    public var memoryMegabytes: Int
    public var threads: Int
    public var time: Duration
    /// The largest object once it is unpacked: a guard against what is small only when packed.
    public var unpackedMegabytes: Int

    public init(
        memoryMegabytes: Int = 2_048, threads: Int = 2, time: Duration = .seconds(1_800),
        unpackedMegabytes: Int = 65_536
    ) {
        self.memoryMegabytes = memoryMegabytes
        self.threads = threads
        self.time = time
        self.unpackedMegabytes = unpackedMegabytes
    }
}
