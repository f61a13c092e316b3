import Broker
import Foundation
import Outbound
import Stack

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
                depth(part, "work", depths), depth(part, "dead", depths),
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

    /// The sum over the part's queues, one of each host for the lander.
    private func depth(_ part: StackPart, _ kind: String, _ depths: [String: Int]?) -> Cell {
        let mine = depths?.filter {
            $0.key.hasPrefix("millrace.\(part.rawValue).") && $0.key.hasSuffix(".\(kind)")
        }
        guard let mine, !mine.isEmpty else { return Cell(nil as Int?) }
        let sum = mine.values.reduce(0, +)
        return Cell(sum, kind == "dead" && sum > 0 ? .bad : .plain)
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
