import Lake
import Pipelines
import Service
import Spool

/// The process that owns the landing zone.
@main
enum Lander {
    static func main() async {
        await ServiceProcess.run("lander", settings: LanderSettings.init(reading:)) {
            settings, context in
            let lake = try LakeAddress.open(settings.lake)
            let spool = Spool(directory: settings.spool)
            let sweep = Sweep(
                lake: lake, catalog: PipelineCatalog(lake: lake), context: context,
                age: settings.sweepPeriod / .seconds(2), fullPeriod: settings.fullSweepPeriod)
            let upkeep = Upkeep(
                sweep: sweep, lake: lake, spool: spool, context: context, settings: settings)
            return ServiceParts(
                handler: SegmentLanding(lake: lake, spool: spool, context: context),
                readiness: ["lake": lake.check, "spool": spool.check],
                background: [upkeep.sweepRegularly, upkeep.tidyRegularly],
                disks: [
                    "spool": settings.spool, "lake": try LakeAddress.folder(of: settings.lake),
                ])
        }
    }
}
