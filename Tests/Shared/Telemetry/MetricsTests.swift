import Telemetry
import Testing

@Suite("Metrics")
struct MetricsTests {
    @Test("render as Prometheus text, sorted, with labels escaped")
    func renders() {
        let metrics = Metrics()
        metrics.add(to: "millrace_events_total", ["kind": "a\"b"], help: "Events.")
        metrics.add(2, to: "millrace_events_total", ["kind": "a\"b"], help: "Events.")
        metrics.set("millrace_connected", to: 1, help: "Connected.")
        #expect(
            metrics.render() == """
                # HELP millrace_connected Connected.
                # TYPE millrace_connected gauge
                millrace_connected 1.0
                # HELP millrace_events_total Events.
                # TYPE millrace_events_total counter
                millrace_events_total{kind="a\\"b"} 3.0

                """)
    }

    @Test("count durations into cumulative buckets")
    func histogram() {
        let metrics = Metrics()
        metrics.observe(.milliseconds(30), in: "millrace_wait_seconds", help: "Waits.")
        metrics.observe(.seconds(2), in: "millrace_wait_seconds", help: "Waits.")
        let text = metrics.render()
        #expect(text.contains("millrace_wait_seconds_bucket{le=\"0.025\"} 0\n"))
        #expect(text.contains("millrace_wait_seconds_bucket{le=\"0.05\"} 1\n"))
        #expect(text.contains("millrace_wait_seconds_bucket{le=\"+Inf\"} 2\n"))
        #expect(text.contains("millrace_wait_seconds_count 2\n"))
    }
}
