import Foundation
import Glibc
import Processes
import Stack

/// What of this host a stack needs: room, memory, programs, rights.
struct HostExamination: Sendable {
    let folder: StackFolder

    func findings() async -> [Finding] {
        [clock, disk, memory, files, permissions] + (await programs())
    }

    /// Events carry times of several hosts, TLS and webhook signatures look at them, too.
    private var clock: Finding {
        // 2025-01-01: a clock before it was never set.
        guard Date().timeIntervalSince1970 > 1_735_689_600 else {
            return .fail(
                "clock", "it says \(Date().ISO8601Format())", fix: "set the time, e.g. with chrony")
        }
        return .ok("clock", Date().ISO8601Format())
    }

    private var disk: Finding {
        var status = statvfs()
        let place = existing(folder.path)
        guard statvfs(place, &status) == 0 else {
            return .fail(
                "disk", "\(place): \(String(cString: strerror(errno)))",
                fix: "choose another folder with --data")
        }
        let free = (Int(status.f_bavail) * Int(status.f_frsize)) >> 20
        return .amount(
            "disk", free, fails: 500, warns: 5_000, unit: "MiB free below \(place)",
            fix: "make room there, or choose another folder with --data")
    }

    private var memory: Finding {
        do {
            let text = try String(contentsOfFile: "/proc/meminfo", encoding: .utf8)
            let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
            let number = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            return .amount(
                "memory", number >> 10, fails: 600, warns: 1_500, unit: "MiB available",
                fix: "end other programs; a stack needs about 1 GiB")
        } catch {
            return .warn("memory", "\(error)", fix: "mount /proc")
        }
    }

    /// Of the limit that children inherit: the broker needs many.
    private var files: Finding {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return .warn("open files", "the limit is not known", fix: "ulimit -n 4096")
        }
        let count = limit.rlim_cur > 1 << 30 ? 1 << 30 : Int(limit.rlim_cur)
        return .amount(
            "open files", count, fails: 512, warns: 1_024, unit: "allowed", fix: "ulimit -n 4096")
    }

    private var permissions: Finding {
        let place = existing(folder.path)
        guard access(place, W_OK | X_OK) == 0 else {
            return .fail(
                "permissions", "\(place) cannot be written by this user",
                fix: "choose another folder with --data")
        }
        var status = stat()
        for name in ["broker-password", "warehouse-password"] {
            let path = folder.secret(name)
            guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { continue }
            return .fail("permissions", "others can read \(path)", fix: "chmod 600 \(path)")
        }
        return .ok("permissions", "\(place) is writable")
    }

    private func programs() async -> [Finding] {
        let broker = await Finding.attempt("rabbitmq", fix: "make setup") {
            try ServerPrograms.broker()
        }
        let warehouse = await Finding.attempt("postgresql", fix: "make setup") {
            let folder = try ServerPrograms.warehouse()
            return try await version(folder + "/postgres", "--version")
        }
        let engine = await Finding.attempt("duckdb", fix: "make setup") {
            guard let path = ServerPrograms.engine() else {
                throw CommandError("it is neither in .tools nor in PATH")
            }
            return try await version(path, "-version") + " at \(path)"
        }
        let tools = await Finding.attempt("tools", fix: "apt-get install util-linux erlang-base") {
            try ["setpriv", "setsid", "epmd"].map { try ExecutableSearch.path(of: $0) }
                .joined(separator: ", ")
        }
        return [broker, warehouse, engine, tools, services]
    }

    private var services: Finding {
        let missing = StackPart.services.map { "millrace-\($0.rawValue)" }.filter {
            access(ServerPrograms.ownFolder + "/" + $0, X_OK) != 0
        }
        return missing.isEmpty
            ? .ok("services", "all beside this program")
            : .fail("services", missing.joined(separator: ", ") + " not built", fix: "make build")
    }

    private func version(_ program: String, _ flag: String) async throws -> String {
        let result = try await run(Processes.Command(program, [flag], timeLimit: .seconds(10)))
        guard result.isSuccess else {
            throw CommandError("\(program) \(flag) ended with \(result.ending)")
        }
        let line = String(decoding: result.output, as: UTF8.self).split(separator: "\n").first
        return String(line ?? "")
    }

    /// The folder itself, or the nearest one above it that is there.
    private func existing(_ path: String) -> String {
        var place = path
        while !FileManager.default.fileExists(atPath: place), place.count > 1 {
            place = URL(filePath: place).deletingLastPathComponent().path(percentEncoded: false)
            if place.count > 1, place.hasSuffix("/") { place.removeLast() }
        }
        return place
    }
}
