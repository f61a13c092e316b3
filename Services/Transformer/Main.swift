import Engine
import Lake
import Pipelines
import Service

@main
enum Transformer {
    static func main() async {
        await ServiceProcess.run("transformer", settings: TransformerSettings.init(reading:)) {
            settings, context in
            let lake = try LakeAddress.open(settings.lake)
            try await Workplace.tidy(lake)
            let engine = DuckDBEngine(program: settings.duckdb, limits: settings.limits)
            let handler = Transforming(
                lake: lake, catalog: PipelineCatalog(lake: lake), engine: engine, context: context)
            return ServiceParts(
                handler: handler, readiness: ["lake": lake.check, "engine": engine.check])
        }
    }
}
