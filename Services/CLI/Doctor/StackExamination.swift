import Broker
import Foundation
import Lake
import Postgres
import Stack
import Warehouse

/// Whether the servers of a stack, and what Millrace keeps in them, are as they should be.
struct StackExamination: Sendable {
    let context: StackContext

    func findings() async -> [Finding] {
        [
            await broker(), await topology(), await warehouse(), await clocks(), await lake(),
            await deadLetters(),
        ]
    }

    private func broker() async -> Finding {
        await .attempt("broker", fix: "millrace status\(context.dataFlag)") {
            let alarms = try await context.management().alarms()
            guard alarms.isEmpty else {
                throw CommandError(
                    "publishers are blocked: " + alarms.joined(separator: ", ")
                        + "; free memory or disk")
            }
            return "\(try context.broker()), no alarm"
        }
    }

    private func topology() async -> Finding {
        guard !context.addresses.brokerAPI.isEmpty else {
            return .warn(
                "topology", "policies and users are not verified without the management API",
                fix: "set MILLRACE_BROKER_API, e.g. http://HOST:15672")
        }
        let fix = "millrace topology apply\(context.dataFlag)"
        do {
            let differences = try await context.topology().plan()
            let faults = differences.filter { $0.remedy != .advise }
            if let first = faults.first {
                return .fail(
                    "topology", "\(faults.count) differences, e.g. \(first.subject)", fix: fix)
            }
            if let first = differences.first {
                return .warn(
                    "topology", "\(first.subject) \(first.live ?? "")", fix: first.migration)
            }
            return .ok("topology", "as the services expect it")
        } catch {
            return .fail("topology", "\(error)", fix: fix)
        }
    }

    private func warehouse() async -> Finding {
        await .attempt("warehouse", fix: "millrace status\(context.dataFlag)") {
            let rows = try await context.warehouse().query(
                """
                select current_setting('server_version') as version,
                    to_regclass('millrace.ledger') is not null as has_tables
                """)
            guard rows.first?.boolean("has_tables") == true else {
                throw CommandError("Millrace's own tables are missing; start the stack anew")
            }
            return "PostgreSQL \(try rows[0].text("version"))"
        }
    }

    /// One that waits is work that somebody must decide about.
    private func deadLetters() async -> Finding {
        let fix = "millrace dead list\(context.dataFlag)"
        do {
            let counts = try await DeadLetterArchive(try context.warehouse()).waiting()
            let waiting = counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }
            guard !waiting.isEmpty else { return .ok("dead letters", "none waits") }
            let list = waiting.map { "\($0.key) \(TimeText.grouped($0.value))" }
            return .warn(
                "dead letters", "wait for a person: " + list.joined(separator: ", "), fix: fix)
        } catch {
            return .fail("dead letters", "\(error)", fix: "millrace status\(context.dataFlag)")
        }
    }

    /// Latencies are differences of times that several hosts have written.
    private func clocks() async -> Finding {
        await .attempt("clocks", fix: "keep the time of both hosts with chrony") {
            let rows = try await context.warehouse().query(
                "select extract(epoch from clock_timestamp()) as now")
            let theirs = Double(try rows.first?.text("now") ?? "") ?? 0
            let apart = abs(theirs - Date().timeIntervalSince1970)
            guard apart < 2 else {
                throw CommandError("the warehouse's is \(Int(apart)) s from this host's")
            }
            return "the warehouse's agrees with this host's"
        }
    }

    private func lake() async -> Finding {
        await .attempt("lake", fix: "check that the folder is there and writable") {
            let lake = try context.lake()
            try await lake.check()
            return context.addresses.lake
        }
    }
}
