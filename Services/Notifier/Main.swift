import Postgres
import Service
import Warehouse

/// `millrace-notifier`: tells subscribers what they want to know.
@main
enum Notifier {
    static func main() async {
        await ServiceProcess.run("notifier", settings: NotifierSettings.init(reading:)) {
            settings, context in
            guard let address = settings.warehouse else {
                preconditionFailure("the settings let none through")
            }
            let pool = PostgresPool(address, size: 4, applicationName: "millrace-notifier")
            try await SystemSchema.migrate(pool)
            let table = DeliveryTable(pool: pool)
            let dispatcher = Dispatcher(
                table, Courier(settings), settings.retries, context)
            return ServiceParts(
                handler: NotifierHandler(table: table, dispatcher: dispatcher),
                readiness: ["warehouse": pool.check], background: [dispatcher.run])
        }
    }
}
