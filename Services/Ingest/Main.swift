import Lake
import Outbound
import Pipelines
import Service
import Spool

/// The process that captures records from their sources.
@main
enum Ingest {
    static func main() async {
        await ServiceProcess.run("ingest", settings: IngestSettings.init(reading:)) {
            settings, context in
            let lake = try LakeAddress.open(settings.lake)
            let spool = Spool(directory: settings.spool)
            let announcements = Announcements(spool: spool, context: context)
            let files = FilesWatch(
                inbox: settings.inbox, spool: spool, announcements: announcements,
                context: context)
            let http = HTTPWatch(
                spool: spool, announcements: announcements, context: context,
                guardedBy: .publicOnly(except: settings.allowed, setting: "source-allow"),
                certificateAuthorities: settings.certificateAuthorities, proxy: settings.proxy)
            let catalog = PipelineCatalog(lake: lake)
            let intake = Intake(
                catalog: catalog, spool: spool, sources: [files, http],
                announcements: announcements, log: context.log)
            return ServiceParts(
                readiness: ["lake": lake.check, "spool": spool.check],
                background: [intake.run] + Scheduler.background(catalog, lake, context),
                disks: [
                    "spool": settings.spool, "lake": try LakeAddress.folder(of: settings.lake),
                ])
        }
    }
}
