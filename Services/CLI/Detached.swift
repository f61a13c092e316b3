import Foundation
import Lanes
import Processes
import Stack

/// `up --detach`: the same command in the background, and the wait until it is ready.
struct Detached {
    /// Set for the background half.
    static let variable = "MILLRACE_DETACHED"

    private let arguments: Arguments
    private let console: Console

    init(_ arguments: Arguments, _ console: Console) {
        self.arguments = arguments
        self.console = console
    }

    func start(_ plan: StackPlan) async throws -> ExitCode {
        if try RunningStack(plan.folder).state() != nil {
            return try Up.alreadyRunning(arguments, console)
        }
        try plan.folder.prepare()
        let child = try await ChildProcess.start(command(plan))
        guard let pipe = child.takeOutput() else {
            throw CommandError("no pipe to the background process")
        }
        let announcer = StackAnnouncer(
            console, dataFlag: StackContext.dataFlag(arguments), isBackground: false)
        return try await withThrowingTaskGroup(of: ExitCode?.self) { group in
            group.addTask { try await follow(pipe, announcer) }
            group.addTask {
                for await _ in StopSignal.stream() {
                    console.note("stopping what has started")
                    _ = try await RunningStack(plan.folder).stop()
                    return .interrupted
                }
                return nil
            }
            let code = try await group.next() ?? nil
            group.cancelAll()
            return code ?? .failed
        }
    }

    /// The background half in a session of its own, so that closing this terminal leaves it alone.
    private func command(_ plan: StackPlan) throws -> Processes.Command {
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path()
        var words = [own, "up", "--data", plan.folder.path]
        for option in ["only", "broker-url", "broker-api", "broker-passwords", "warehouse-url"] {
            if let value = arguments.value(option) { words += ["--\(option)", value] }
        }
        var environment = arguments.environment
        environment[Self.variable] = "1"
        return Processes.Command(
            "setsid", words, environment: environment, output: .pipe,
            errorOutput: .file(plan.folder.log("stack")), orphanSignal: nil)
    }

    /// Shows the events until the stack is up or has failed.
    private func follow(_ pipe: Int32, _ announcer: StackAnnouncer) async throws -> ExitCode {
        let file = FileHandle(fileDescriptor: pipe, closeOnDealloc: true)
        let lines = AsyncStream<String>(bufferingPolicy: .bufferingNewest(1_000)) { stream in
            Thread.detachNewThread {
                var pending = Data()
                while true {
                    let piece = file.availableData
                    if piece.isEmpty { break }
                    pending += piece
                    while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                        stream.yield(String(decoding: pending[..<end], as: UTF8.self))
                        pending.removeSubrange(...end)
                    }
                }
                stream.finish()
            }
        }
        for await line in lines {
            let event = try JSONDecoder().decode(StackEvent.self, from: Data(line.utf8))
            switch event {
            case .up(let addresses):
                announcer.welcome(addresses)
                return .done
            case .failed(let message, let remedy):
                throw CommandError(message, try: remedy)
            default:
                if let text = announcer.text(of: event) { console.note(text) }
            }
        }
        if try RunningStack(StackFolder(arguments.data)).state() != nil {
            return try Up.alreadyRunning(arguments, console)
        }
        let log = StackFolder(arguments.data).log("stack")
        throw CommandError("the background process ended while it started", try: "tail \(log)")
    }
}
