import Broker
import Lake
import Pipelines
import Postgres
import Service
import Telemetry

/// The parts from an alert to its deliveries: what pipelines say about it, what is kept, what is
/// told when, and what is watched.
struct Alerting: Sendable {
    let table: AlertTable
    let background: [@Sendable () async throws -> Void]

    init(
        _ pool: PostgresPool, _ settings: NotifierSettings, _ dispatcher: Dispatcher,
        _ context: ServiceContext
    ) throws {
        let lake = settings.lake.flatMap { $0.isEmpty ? nil : $0 }
        let catalog = try lake.map { PipelineCatalog(lake: try LakeAddress.open($0)) }
        let policy = AlertPolicy(catalog: catalog, log: context.log)
        table = AlertTable(pool: pool, grouping: settings.grouping, policy: policy)
        var looks: [@Sendable () async throws -> [Condition]] = [
            RunConditions(pool: pool, policy: policy).look
        ]
        if let broker = context.broker, let url = context.brokerAPI {
            let queues = QueueConditions(
                ManagementAPI(url: url, as: broker), virtualHost: broker.virtualHost,
                limit: settings.backlogMessages)
            looks.append { try await queues.look() }
        } else {
            context.log.warning("MILLRACE_BROKER_API is not set; services are not watched")
        }
        background = [
            dispatcher.run,
            Noticing(pool, settings.grouping, dispatcher, context).run,
            Watching(table: table, looks: looks, context: context).run,
        ]
    }
}
