import CLinux
import Glibc

/// Starts programs with posix_spawn: in a group of their own, with no signal blocked or ignored
/// and with no descriptor of ours beyond the three streams.
enum Spawn {
    /// Must be called on a thread that lives as long as the child: the kernel sends the orphan
    /// signal when the *thread* that made the child ends (prctl(2), PR_SET_PDEATHSIG).
    static func start(
        _ command: Command, _ streams: borrowing ChildStreams
    ) throws(ProcessError) -> pid_t {
        let program = try ExecutableSearch.path(of: command.executable, command.environment)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, streams.input.raw, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, streams.output.raw, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, streams.errorOutput.raw, STDERR_FILENO)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        if let directory = command.directory {
            posix_spawn_file_actions_addchdir_np(&actions, directory)
        }
        var attributes = attributes()
        defer { posix_spawnattr_destroy(&attributes) }

        let words = try words(program, command)
        let environment = command.environment?.map { "\($0.key)=\($0.value)" }
        var id: pid_t = 0
        let code = withCStrings(words) { words in
            withCStrings(environment) { environment in
                linux_spawn_program(&id, words?[0], &actions, &attributes, words, environment)
            }
        }
        guard code == 0 else {
            throw ProcessError(errorNumber: code, doing: "cannot start `\(program)`")
        }
        return id
    }

    private static func attributes() -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        // A child of a Task's thread would inherit its blocked signals, SIGTERM among them.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
        return attributes
    }

    /// util-linux's `setpriv` asks the kernel for the orphan signal and then becomes the program:
    /// posix_spawn itself cannot ask for it.
    private static func words(
        _ program: String, _ command: Command
    ) throws(ProcessError) -> [String] {
        guard let signal = command.orphanSignal else { return [program] + command.arguments }
        let wrapper = try ExecutableSearch.path(of: "setpriv", nil)
        return [wrapper, "--pdeathsig", signal.rawValue.uppercased(), "--", program]
            + command.arguments
    }

    private static func withCStrings(
        _ strings: [String]?,
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Int32
    ) -> Int32 {
        guard let strings else { return body(nil) }
        var pointers = strings.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress) }
    }
}
