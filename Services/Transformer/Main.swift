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
            let engine = DuckDBEngine(
                program: settings.duckdb, limits: settings.limits,
                personalKeyFile: settings.personalKeyFile)
            let handler = Transforming(
                lake: lake, catalog: PipelineCatalog(lake: lake), engine: engine, context: context)
            let upkeep = Upkeep(lake: lake, context: context, settings: settings)
            return ServiceParts(
                handler: handler, readiness: ["lake": lake.check, "engine": engine.check],
                background: [upkeep.sweepRegularly, upkeep.tidyRegularly],
                disks: ["lake": try LakeAddress.folder(of: settings.lake)])
        }
    }
}
