import Lake
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
            let catalog = PipelineCatalog(lake: lake)
            let lease = Scheduler.lease(context)
            let intake = Intake(
                catalog: catalog, spool: spool,
                sources: Sources.all(
                    settings, spool, announcements, context, lake, lease ?? OnlyHost()),
                announcements: announcements, log: context.log)
            return ServiceParts(
                readiness: ["lake": lake.check, "spool": spool.check],
                background: [intake.run] + Scheduler.background(catalog, lake, lease, context),
                disks: [
                    "spool": settings.spool, "lake": try LakeAddress.folder(of: settings.lake),
                ])
        }
    }
}
