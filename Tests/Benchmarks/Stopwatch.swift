import Glibc

/// Wall time and processor time of this process since it was made.
struct Stopwatch: Sendable {
    private let began = ContinuousClock.now
    private let used = Self.cpuSeconds()

    func rate(_ count: Int) -> BrokerSpeed.Rate {
        BrokerSpeed.Rate(
            count, seconds: began.duration(to: .now) / .seconds(1),
            cpuSeconds: Self.cpuSeconds() - used)
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
