/// What `--help` of a service says.
enum ServiceHelp {
    static func text(_ name: String, settings: String) -> String {
        """
        millrace-\(name): \(sentences[name] ?? "a service of Millrace.")

        usage: millrace-\(name) [--SETTING VALUE]...

        It runs until SIGTERM or SIGINT: then it takes no more events, finishes what is in hand,
        and ends; a second signal ends it at once. Its health is at /healthz and /readyz, its
        numbers are at /metrics.

        settings (flag, environment variable):
        \(settings)
          --help, --version

        exit codes: 0 stopped as asked, 1 a part failed or the topology is missing, 2 wrong settings
        """
    }

    private static let sentences = [
        "ingest": "captures files and records from their sources into the spool.",
        "lander": "carries this host's captured segments into the lake's landing zone.",
        "transformer":
            "turns landed objects into typed Parquet, and what does not fit into rejects.",
        "loader": "stages batches, merges approved ones into the warehouse, refreshes models.",
        "quality": "runs the checks that decide whether a batch is published.",
        "notifier": "tells subscribers about alerts by email and webhook.",
    ]
}
