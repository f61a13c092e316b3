import Engine
import Lake
import Pipelines
import Postgres
import Service
import Warehouse

/// The process that brings batches into the warehouse and keeps its models fresh.
@main
enum Loader {
    static func main() async {
        await ServiceProcess.run("loader", settings: LoaderSettings.init(reading:)) {
            settings, context in
            guard let address = settings.warehouse else {
                preconditionFailure("a missing warehouse-url is a mistake of the settings")
            }
            let lake = try LakeAddress.open(settings.lake)
            let pool = PostgresPool(address, settings)
            let gate = SchemaGate(pool)
            let engine = DuckDBEngine(program: settings.duckdb)
            let tables = DatasetTables(
                catalog: PipelineCatalog(lake: lake), dialect: PostgresDialect(), pool: pool)
            let loading = Loading(
                settings, lake: lake, engine: engine, tables: tables, gate: gate, context: context)
            let cleanup = Cleanup(settings, lake: lake, pool: pool, gate: gate, context: context)
            return ServiceParts(
                handler: loading,
                readiness: ["lake": lake.check, "warehouse": gate.check, "engine": engine.check],
                background: [cleanup.run])
        }
    }
}
