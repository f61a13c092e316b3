import Checks
import Lake
import Pipelines
import Postgres
import Service
import Warehouse

/// `millrace-quality`: the checks that decide whether a batch is published.
@main
enum Quality {
    static func main() async {
        await ServiceProcess.run("quality", settings: QualitySettings.init(reading:)) {
            settings, context in
            guard let address = settings.warehouse else {
                preconditionFailure("the settings let none through")
            }
            let pool = PostgresPool(address, size: 4, applicationName: "millrace-quality")
            let lake = try LakeAddress.open(settings.lake)
            try await SystemSchema.migrate(pool)
            let handler = QualityHandler(
                catalog: PipelineCatalog(lake: lake),
                runner: CheckRunner(pool: pool, timeLimit: settings.checkLimit),
                history: CheckHistory(pool: pool), rejects: Rejects(pool), open: OpenAlerts(pool),
                source: context.source, metrics: context.metrics)
            let clock = FreshnessClock(
                catalog: handler.catalog, pool: pool, context: context,
                timeLimit: settings.checkLimit)
            return ServiceParts(
                handler: handler,
                readiness: ["warehouse": pool.check, "lake": lake.check],
                background: [clock.run])
        }
    }
}
