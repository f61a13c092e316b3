import Foundation
import Glibc
import Telemetry

/// What this process uses, under the names that Prometheus' own clients give it.
struct ProcessUsage {
    var cpuSeconds = 0.0
    var residentBytes = 0.0

    static func current() -> ProcessUsage {
        var raw = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &raw)
        var usage = ProcessUsage()
        usage.cpuSeconds = seconds(raw.ru_utime) + seconds(raw.ru_stime)
        // proc(5): pages in memory are the second field.
        let pages = FileManager.default.contents(atPath: "/proc/self/statm")
            .map { String(decoding: $0, as: UTF8.self).split(separator: " ") }
        if let pages, pages.count > 1, let resident = Double(pages[1]) {
            usage.residentBytes = resident * Double(sysconf(Int32(_SC_PAGESIZE)))
        }
        return usage
    }

    func write(to metrics: Metrics) {
        metrics.set(
            "process_cpu_seconds", to: cpuSeconds, help: "User and system time used so far.")
        metrics.set(
            "process_resident_memory_bytes", to: residentBytes, help: "Memory in use.")
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
    }
}
