import Broker
import Foundation
import Lanes
public import Settings
import Telemetry

/// A service as a process: its settings, its help, its exit codes.
///
/// Exit codes: 0 stopped as asked, 1 a part failed, 2 wrong settings.
public enum ServiceProcess {
    /// Reads settings, puts the service together and runs it until SIGTERM or SIGINT.
    ///
    /// - Parameters:
    ///   - name: Lower case, e.g. `loader`; its queue is named after it.
    ///   - settings: Reads the service's own settings.
    ///   - assemble: Makes its concrete parts.
    public static func run<Settings: Sendable>(
        _ name: String, settings: (inout SettingsReader) -> Settings,
        assemble: @escaping @Sendable (Settings, ServiceContext) async throws -> ServiceParts
    ) async -> Never {
        await run(
            name, arguments: Array(CommandLine.arguments.dropFirst()),
            environment: ProcessInfo.processInfo.environment, settings: settings,
            assemble: assemble)
    }

    static func run<Settings: Sendable>(
        _ name: String, arguments: [String], environment: [String: String],
        settings: (inout SettingsReader) -> Settings,
        assemble: @escaping @Sendable (Settings, ServiceContext) async throws -> ServiceParts
    ) async -> Never {
        StopSignal.ignoreFailedWrites()
        var reader = SettingsReader(
            arguments: arguments.filter { $0 != "--version" }, environment: environment)
        let common = ServiceSettings(reading: &reader)
        let own = settings(&reader)
        if arguments.contains("--version") { finish(saying: "millrace-\(name) \(Version.current)") }
        if reader.wantsHelp { finish(saying: ServiceHelp.text(name, settings: reader.help)) }
        do {
            try reader.finish()
        } catch {
            complain("\(error)\nmillrace-\(name) --help lists every setting")
            exit(2)
        }
        guard let broker = common.broker else { preconditionFailure("finish() lets none through") }
        let runtime = ServiceRuntime(name, common, broker: broker)
        let code = await runtime.run(stop: StopSignal.stream()) { context in
            try await assemble(own, context)
        }
        exit(code)
    }

    private static func finish(saying text: String) -> Never {
        FileHandle.standardOutput.write(Data("\(text)\n".utf8))
        exit(0)
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }
}
