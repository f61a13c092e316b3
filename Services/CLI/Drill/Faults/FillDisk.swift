import Stack

/// Writes fail as they do on a full disk: no file can grow beyond a few kilobytes.
struct FillDisk: DrillFault {
    let name: String
    let summary: String
    let usualTime: Duration? = .seconds(10)
    let lane = DrillLane.lasting
    private let parts: [StackPart]

    static let lake = FillDisk(
        name: "disk-full-lake", summary: "nothing can be written to the lake",
        parts: [.lander, .transformer])
    static let spool = FillDisk(
        name: "disk-full-spool", summary: "nothing can be written to the spool",
        parts: [.ingest])

    private static let limitBytes: UInt64 = 4096

    func strike(_ scene: DrillScene, for time: Duration) async throws -> String? {
        let processes = try parts.compactMap { try scene.services.process($0) }
        guard !processes.isEmpty else { return nil }
        try await scene.undo.after(
            "lift the limit of files' sizes",
            {
                // A child keeps the limit that it began with.
                for process in processes.flatMap({ [$0] + $0.children }) {
                    try process.limitFileSize(nil)
                }
            },
            {
                for process in processes { try process.limitFileSize(Self.limitBytes) }
                try await Task.sleep(for: time)
            })
        let names = parts.map(\.rawValue).joined(separator: " and ")
        return "\(names), for \(TimeText.seconds(time / .seconds(1)))"
    }
}
