import Foundation
import Glibc
import Lanes
import Processes
import Stack

/// Runs a command with a broker and a warehouse of its own, and leaves nothing behind:
/// `test-servers -- swift test`.
@main
enum TestServers {
    static func main() async {
        StopSignal.ignoreFailedWrites()
        // From here on Ctrl-C stops the command, and then the servers.
        let stops = StopSignal.stream()
        let words = CommandLine.arguments.dropFirst()
        let command = Array(words.first == "--" ? words.dropFirst() : words)
        guard !command.isEmpty else {
            say("usage: test-servers -- COMMAND…")
            exit(2)
        }
        do {
            let folder = try TestFolder.make()
            let code = await Servers.run(command, in: folder, until: stops)
            try FileManager.default.removeItem(atPath: folder)
            exit(code)
        } catch {
            say("\(error)")
            exit(1)
        }
    }

    /// Writes a line to standard error.
    static func say(_ text: String) {
        FileHandle.standardError.write(Data("test-servers: \(text)\n".utf8))
    }
}
