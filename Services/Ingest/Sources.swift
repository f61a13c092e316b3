import Lake
import Outbound
import Service
import Spool

/// The kinds of sources that an ingest has.
enum Sources {
    static func all(
        _ settings: IngestSettings, _ spool: Spool, _ announcements: Announcements,
        _ context: ServiceContext, _ lake: any ObjectStore, _ lease: any Lease
    ) -> [any SourceWatching] {
        let rules = ProgramRules(folders: settings.programs, work: "\(settings.spool)/programs")
        let polled: [any SourceWatching] = [
            HTTPWatch(
                spool: spool, announcements: announcements, context: context,
                guardedBy: .publicOnly(except: settings.allowed, setting: "source-allow"),
                certificateAuthorities: settings.certificateAuthorities, proxy: settings.proxy),
            ProgramWatch(
                ProgramParts(
                    spool: spool, announcements: announcements, context: context, rules: rules)),
        ]
        return [
            FilesWatch(
                inbox: settings.inbox, spool: spool, announcements: announcements,
                context: context),
            PolledSources(
                polled, lease: lease, states: SourceStates(lake: lake), spool: spool,
                log: context.log),
        ]
    }
}
