import Outbound
import Pipelines
import Service
import Spool
import Synchronization

/// Captures what HTTP APIs answer, for each applied dataset with an `http` source.
final class HTTPWatch: SourceWatching {
    private let spool: Spool
    private let announcements: Announcements
    private let context: ServiceContext
    private let client: HTTPClient
    private let credentials: Credentials
    private let paces = HostPaces()
    private let followed = Mutex<[AppliedDataset]>([])
    private let plans: AsyncStream<[AppliedDataset]>
    private let plan: AsyncStream<[AppliedDataset]>.Continuation

    /// - Parameters:
    ///   - addresses: Whom sources and the links in their answers may name.
    ///   - proxy: Through whom all requests go.
    ///   - connections: How many requests are under way at once, over all sources.
    init(
        spool: Spool, announcements: Announcements, context: ServiceContext,
        guardedBy addresses: AddressGuard, certificateAuthorities: String? = nil,
        proxy: String? = nil,
        secrets: PipelineSecrets = PipelineSecrets(), connections: Int = 32
    ) {
        self.spool = spool
        self.announcements = announcements
        self.context = context
        client = HTTPClient(
            "source", connections: connections, guardedBy: addresses, bodyLimitBytes: 64 << 10,
            overflow: .isCut, certificateAuthorities: certificateAuthorities,
            proxy: proxy)
        credentials = Credentials(secrets: secrets, tokens: AccessTokens(client: client))
        (plans, plan) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func follow(_ datasets: [AppliedDataset]) async {
        let own = datasets.filter { if case .http = $0.dataset.source { true } else { false } }
        let isNew = followed.withLock { followed in
            defer { followed = own }
            return followed != own
        }
        if isNew { plan.yield(own) }
    }

    func run() async throws {
        var current: [AppliedDataset]? = []
        while let datasets = current {
            current = await poll(datasets)
        }
    }

    /// Polls the datasets until there are others.
    ///
    /// - Returns: Those; nil when the task is cancelled.
    private func poll(_ datasets: [AppliedDataset]) async -> [AppliedDataset]? {
        let calls = HTTPCall.all(of: datasets)
        let polls = calls.map(self.poll)
        await paces.follow(intervals(calls))
        return await withTaskGroup(of: [AppliedDataset]?.self) { group in
            group.addTask {
                for await next in self.plans { return next }
                return nil
            }
            for poll in polls {
                group.addTask {
                    await poll.run()
                    return nil
                }
            }
            // Polls end only when they are cancelled, so what comes first is a plan.
            let next = await group.next() ?? nil
            group.cancelAll()
            return next
        }
    }

    private func poll(_ call: HTTPCall) -> HTTPPoll {
        HTTPPoll(call, spool: spool, announcements: announcements, context: context) { source in
            PageFetch(
                request: PageRequest(source: source, credentials: credentials), client: client,
                paces: paces)
        }
    }

    /// The slowest rate of those that ask a host holds for all of them.
    private func intervals(_ calls: [HTTPCall]) -> [String: Duration] {
        var intervals: [String: Duration] = [:]
        for source in calls.flatMap({ [$0.source] + $0.source.parents }) {
            do {
                let origin = try WebAddress(String(source.url.prefix { $0 != "{" })).origin
                intervals[origin] = max(intervals[origin] ?? .zero, source.rate.interval)
            } catch {
                // Its poll meets the same and says so.
                continue
            }
        }
        return intervals
    }
}
