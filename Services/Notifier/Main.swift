import Broker
import Postgres
import Service
import Warehouse

/// `millrace-notifier`: tells subscribers what they want to know.
@main
enum Notifier {
    static func main() async {
        await ServiceProcess.run("notifier", settings: NotifierSettings.init(reading:)) {
            settings, context in
            guard let address = settings.warehouse, let broker = context.broker else {
                preconditionFailure("the settings let none through")
            }
            let pool = PostgresPool(address, size: 8, applicationName: "millrace-notifier")
            try await SystemSchema.migrate(pool)
            let presence = Presence(pool, context)
            let queue = DeliveryQueue(pool: pool, presence: presence, rule: settings.disabling)
            let desk = try await SubscriberDesk(settings, pool, context)
            let dispatcher = Dispatcher(queue, Courier(settings, desk), settings.retries, context)
            let archive = DeadLetterArchive(pool)
            let alerts = LetterAlerting(LetterAlertTable(pool: pool), archive, context)
            let archiving = Archiving(
                queues: DeadQueues(broker), archive: archive, check: pool.check, alerts: alerts,
                context: context)
            let alerting = try Alerting(pool, settings, dispatcher, context)
            return ServiceParts(
                handler: NotifierHandler(
                    table: alerting.table, dispatcher: dispatcher, archive: archive,
                    alerts: alerts),
                readiness: ["warehouse": pool.check],
                background: [archiving.run, alerts.run, desk.run] + alerting.background)
        }
    }
}
