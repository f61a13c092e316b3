import Broker
import Foundation
import Outbound
import Stack
import Warehouse

/// Shows the parts of the local stack.
struct Status: Command {
    let name = "status"
    let summary = "show the parts of the stack and their queues"
    let topic = Topic.stack
    let details = "Exits with 1 when the stack does not run or a part is not ready."

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let folder = StackFolder(arguments.data)
        let flag = StackContext.dataFlag(arguments)
        guard let state = try RunningStack(folder).state() else {
            throw CommandError(
                "no stack runs in \(folder.path)", try: "millrace up --detach\(flag)")
        }
        let depths = await depths(arguments)
        let letters = await letters(arguments)
        var table = Table("part", "state", "pid", "port", "restarts", "waiting", "dead")
        var isReady = state.isReady
        for part in StackPart.servers + StackPart.services {
            guard let entry = state.parts[part.rawValue] else { continue }
            let condition = await condition(part, entry)
            isReady = isReady && condition == .ready
            table.add([
                Cell(part.rawValue), cell(condition),
                Cell(entry.processes.first.map { Int($0.id) }),
                Cell(entry.port), Cell(entry.restarts, entry.restarts > 0 ? .warned : .plain),
                waiting(part, depths), dead(part, depths, letters),
            ])
        }
        console.records(table)
        if console.format == .table { addresses(state, console) }
        return isReady ? .done : .failed
    }

    /// As it is at this moment, whatever the supervisor wrote last.
    private func condition(
        _ part: StackPart, _ entry: StackState.Part
    ) async -> StackState.Condition {
        guard entry.condition == .ready, let port = entry.port else { return entry.condition }
        guard StackPart.services.contains(part) else {
            return Port.isOpen(port) ? .ready : .restarting
        }
        let client = HTTPClient("status", connections: 1)
        let request = HTTPRequest(.get, "http://127.0.0.1:\(port)/readyz", timeout: .seconds(2))
        do {
            return try await client.send(request).isSuccess ? .ready : .starting
        } catch {
            return .restarting
        }
    }

    private func cell(_ condition: StackState.Condition) -> Cell {
        Cell(
            condition == .starting ? "not ready" : condition.rawValue,
            condition == .ready ? .good : .bad)
    }

    /// Messages by queue; nil when the broker does not say.
    private func depths(_ arguments: Arguments) async -> [String: Int]? {
        do {
            let context = try StackContext(arguments)
            return try await context.management().depths(in: try context.broker().virtualHost)
        } catch {
            // The broker's own line says that it is away.
            return nil
        }
    }

    /// Dead letters that wait for a person, by service; nil when the warehouse does not say.
    private func letters(_ arguments: Arguments) async -> [String: Int]? {
        do {
            return try await DeadLetterArchive(try StackContext(arguments).warehouse()).waiting()
        } catch {
            // The warehouse's own line says that it is away.
            return nil
        }
    }

    private func waiting(_ part: StackPart, _ depths: [String: Int]?) -> Cell {
        Cell(sum(part, "work", depths))
    }

    /// Those in the archive, and those that the notifier has not taken there yet.
    private func dead(
        _ part: StackPart, _ depths: [String: Int]?, _ letters: [String: Int]?
    ) -> Cell {
        guard let letters, let queued = sum(part, "dead", depths) else { return Cell(nil as Int?) }
        let count = queued + letters[part.rawValue, default: 0]
        return Cell(count, count > 0 ? .bad : .plain)
    }

    /// The sum over the part's queues, one of each host for the lander.
    private func sum(_ part: StackPart, _ kind: String, _ depths: [String: Int]?) -> Int? {
        let mine = depths?.filter {
            $0.key.hasPrefix("millrace.\(part.rawValue).") && $0.key.hasSuffix(".\(kind)")
        }
        guard let mine, !mine.isEmpty else { return nil }
        return mine.values.reduce(0, +)
    }

    private func addresses(_ state: StackState, _ console: Console) {
        guard let addresses = state.addresses else { return }
        console.line()
        for (name, value) in [
            ("broker", addresses.brokerURL), ("console of the broker", addresses.brokerAPI),
            ("warehouse", addresses.warehouseURL), ("inbox", addresses.inbox),
            ("lake", addresses.lake),
        ] {
            console.line("\(console.paint(name, .dim))  \(value)")
        }
    }
}
