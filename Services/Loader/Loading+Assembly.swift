import Engine
import Lake
import Pipelines
import Postgres
import Service
import Warehouse

extension Loading {
    /// Puts it together from what the process has opened.
    init(
        _ settings: LoaderSettings, lake: any ObjectStore, engine: any Engine,
        tables: DatasetTables, gate: SchemaGate, context: ServiceContext
    ) {
        self.init(
            gate: gate,
            staging: Staging(
                tables: tables, feed: EngineFeed(engine: engine, lake: lake),
                refusedRowsLimit: settings.refusedRowsLimit),
            publishing: Publishing(tables: tables, refusedRowsLimit: settings.refusedRowsLimit),
            refreshing: ModelRefreshing(tables: tables), context: context)
    }
}

extension Cleanup {
    /// With the retention of what is in the lake.
    init(
        _ settings: LoaderSettings, lake: any ObjectStore, pool: PostgresPool, gate: SchemaGate,
        context: ServiceContext
    ) {
        self.init(
            gate: gate, pool: pool, age: settings.orphanAge, period: settings.cleanupPeriod,
            context: context,
            retention: LakeRetention(
                lake: lake, catalog: PipelineCatalog(lake: lake), pool: pool, context: context))
    }
}

extension PostgresPool {
    /// The loader's connections.
    convenience init(_ address: PostgresAddress, _ settings: LoaderSettings) {
        self.init(
            address, size: settings.connections, applicationName: "millrace-loader",
            limits: settings.limits)
    }
}
