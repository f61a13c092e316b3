import Foundation
import Lanes

/// `millrace`, the operator's hand.
@main
enum Millrace {
    static func main() async {
        StopSignal.ignoreFailedWrites()
        let line = CommandLineCall(
            words: Array(CommandLine.arguments.dropFirst()),
            environment: ProcessInfo.processInfo.environment)
        exit(await line.run(Commands.all).rawValue)
    }
}
