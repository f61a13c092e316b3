import Files
import Foundation
import Glibc
import Lanes
import Service
import Spool
import Synchronization
import Telemetry

/// The `files` source: captures files that appear in folders.
final class FilesWatch: SourceWatching {
    /// How often folders are looked at though nothing was heard of them.
    private let period: Duration
    /// The same where the kernel does not tell us anything.
    private static let blindPeriod = Duration.seconds(1)

    private struct State {
        var plan = InboxPlan()
        var scan = InboxScan()
        var isLookDue = false
    }

    private let inbox: String
    private let log: Log
    private let capture: FileCapture
    private let candidates = Candidates()
    private let complaints: Complaints
    private let lane = Lane("inbox")
    private let state = Mutex(State())
    private let looks: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(
        inbox: String, spool: Spool, announcements: Announcements, context: ServiceContext,
        period: Duration = .seconds(5)
    ) {
        self.period = period
        self.inbox = URL(fileURLWithPath: inbox).standardizedFileURL.path
        log = context.log
        complaints = Complaints(log: context.log)
        capture = FileCapture(
            spool: spool, announcements: announcements, context: context, complaints: complaints)
        (looks, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func follow(_ datasets: [AppliedDataset]) async {
        let plan = InboxPlan(datasets, inbox: inbox)
        state.withLock { $0.plan = plan }
        wake.yield()
    }

    func run() async throws {
        // The kernel sends it to a process whose lease on a file is in somebody's way.
        signal(SIGIO, SIG_IGN)
        let watch = startWatch()
        let (capture, candidates) = (capture, candidates)
        await withDiscardingTaskGroup { group in
            if let watch { group.addTask { await self.hear(watch.arrivals) } }
            for _ in 0..<3 { group.addTask { await capture.run(candidates) } }
            group.addTask { await self.look(every: watch == nil ? Self.blindPeriod : self.period) }
            for await _ in looks {
                if let rest = await look(watch) { group.addTask { await self.look(after: rest) } }
            }
            watch?.stop()
            await candidates.close()
            group.cancelAll()
        }
    }

    private func startWatch() -> FolderWatch? {
        do {
            return try FolderWatch { [wake] in wake.yield() }
        } catch {
            log.warning(
                "inotify is not to be had; looking every second", ["error": "\(error)"])
            return nil
        }
    }

    // MARK: Looking

    private func look(every period: Duration) async {
        while !Task.isCancelled {
            wake.yield()
            await pause(period)
        }
    }

    private func look(after rest: Duration) async {
        await pause(rest)
        state.withLock { $0.isLookDue = false }
        wake.yield()
    }

    /// Returns early when it is cancelled, which its callers see for themselves.
    private func pause(_ duration: Duration) async {
        do { try await Task.sleep(for: duration) } catch {}
    }

    /// - Returns: When to look again, unless that is arranged already.
    private func look(_ watch: FolderWatch?) async -> Duration? {
        let findings: InboxScan.Findings
        do {
            findings = try await lane.run { [self] in
                var (plan, scan) = state.withLock { ($0.plan, $0.scan) }
                let findings = scan.look(plan, inbox: inbox, watch: watch)
                state.withLock { $0.scan = scan }
                return findings
            }
        } catch {
            log.error("inbox cannot be looked at", ["error": "\(error)"])
            return nil
        }
        complaints.report(findings.complaints)
        await candidates.add(findings.settled)
        guard let rest = findings.lookAgainIn else { return nil }
        let isFirst = state.withLock { state in
            defer { state.isLookDue = true }
            return !state.isLookDue
        }
        return isFirst ? max(rest, .milliseconds(20)) : nil
    }

    // MARK: Hearing

    private func hear(_ arrivals: AsyncStream<FolderWatch.Arrival>) async {
        for await arrival in arrivals {
            if arrival.name.contains("\u{FFFD}") {
                complaints.report([
                    "\(arrival.folder)/\(arrival.name)": "its name is not UTF-8; rename it"
                ])
                continue
            }
            let plan = state.withLock { $0.plan }
            switch plan.fit(arrival.name, in: arrival.folder) {
            case .ignored: break
            case .unfit: wake.yield()  // a look says why, once
            case .route(let route):
                await hear(
                    Candidates.File(folder: arrival.folder, name: arrival.name, route: route))
            }
        }
    }

    private func hear(_ file: Candidates.File) async {
        // An empty file is often written later: looks decide when it is settled.
        if await isEmpty(file) { wake.yield() } else { await candidates.add([file]) }
    }

    private func isEmpty(_ file: Candidates.File) async -> Bool {
        do {
            return try await lane.run {
                try Folder(file.folder).info(file.name).map { $0.bytes == 0 } ?? true
            }
        } catch {
            // The capture will meet the same and say so.
            return false
        }
    }
}
