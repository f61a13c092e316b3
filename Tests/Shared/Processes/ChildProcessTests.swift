import Glibc
import Processes
import Testing

@Suite("A child process", .timeLimit(.minutes(5)))
struct ChildProcessTests {
    @Test("gives its output, its errors and its exit code")
    func outputs() async throws {
        let result = try await run(
            Command("sh", ["-c", "echo out; echo err >&2; exit 3"]))
        #expect(result.text == "out\n")
        #expect(result.errorText == "err\n")
        #expect(result.ending == .exited(3))
        #expect(!result.isSuccess)
    }

    @Test("starts with no signal blocked or ignored, in a group of its own")
    func signals() async throws {
        let script = "grep -E '^Sig(Blk|Ign)' /proc/self/status; ps -o pgid= -p $$; echo $$"
        let lines = try await run(Command("sh", ["-c", script])).text
            .split(separator: "\n").map { $0.filter { !$0.isWhitespace } }
        #expect(lines.first == "SigBlk:0000000000000000")
        // Signals 32 and 33 are the C library's own; no program can touch them.
        let ignored = lines.dropFirst().first?.split(separator: ":").last ?? "?"
        #expect(UInt64(ignored, radix: 16).map { $0 & ~0x1_8000_0000 } == 0)
        #expect(lines.dropFirst(2).first == lines.last)
    }

    @Test("inherits no descriptor but the three streams")
    func descriptors() async throws {
        let extra = open("/dev/null", O_RDONLY)
        defer { close(extra) }
        let result = try await run(Command("sh", ["-c", "ls /proc/$$/fd"]))
        #expect(result.text.split(separator: "\n").prefix(3) == ["0", "1", "2"])
        #expect(!result.text.split(separator: "\n").contains("\(extra)"))
    }

    @Test("runs in the folder and with the environment it is given")
    func surroundings() async throws {
        let result = try await run(
            Command(
                "/bin/sh", ["-c", "pwd; echo $WORD; echo ${HOME-none}"],
                environment: ["WORD": "a b"], directory: "/usr"))
        #expect(result.text == "/usr\na b\nnone\n")
    }

    @Test("keeps the first or the last bytes of too long an output")
    func limits() async throws {
        let result = try await run(
            Command(
                "sh", ["-c", "seq 1 100000; seq 1 100000 >&2"],
                output: .capture(.first, limitBytes: 4),
                errorOutput: .capture(.last, limitBytes: 7)))
        #expect(result.text == "1\n2\n")
        #expect(result.errorText == "100000\n")
        #expect(result.isOutputCut)
    }

    @Test("is stopped when its time is over")
    func timeLimit() async throws {
        let result = try await run(
            Command("sleep", ["60"], timeLimit: .milliseconds(100)))
        #expect(result.ending == .killed(signal: SIGTERM))
        #expect(result.isOverTime)
    }

    @Test("is killed when it does not heed the request to stop")
    func insists() async throws {
        let child = try await ChildProcess.start(
            Command(
                "sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 60; done"],
                output: .pipe, stopGrace: .milliseconds(100)))
        let output = try #require(child.takeOutput())
        defer { close(output) }
        var letter: UInt8 = 0
        #expect(read(output, &letter, 1) == 1)
        let result = await child.stop()
        #expect(result.ending == .killed(signal: SIGKILL))
        #expect(child.takeOutput() == nil)
    }

    @Test("is stopped when the waiting task is cancelled")
    func cancellation() async throws {
        let child = try await ChildProcess.start(Command("sleep", ["60"]))
        let task = Task { try await child.wait() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await child.stop().ending == .killed(signal: SIGTERM))
        #expect(kill(child.id, 0) == -1)
    }

    @Test("takes its group with it and does not wait for those who left the group")
    func grandchildren() async throws {
        let result = try await run(
            Command("sh", ["-c", "setsid sleep 3 & sleep 60 & echo $!"]))
        let grandchild = try #require(Int32(result.text.filter(\.isNumber)))
        // Killed, and reaped by whoever inherits it: gone or a zombie, never asleep.
        let state = try await run(Command("ps", ["-o", "stat=", "-p", "\(grandchild)"])).text
        #expect(state.isEmpty || state.hasPrefix("Z"))
    }

    @Test("reads what is written to it")
    func input() async throws {
        let child = try await ChildProcess.start(Command("cat", input: .pipe))
        let input = try #require(child.takeInput())
        #expect(write(input, "word", 4) == 4)
        close(input)
        #expect(try await child.wait().text == "word")
    }

    @Test("does not outlive a parent that is killed")
    func orphan() async throws {
        // A parent that dies before its child: `setpriv` asks the kernel, as for every child here.
        // The child says its id itself, once the kernel knows: killing the parent before is a race.
        let parent = try await ChildProcess.start(
            Command(
                "sh",
                ["-c", "setpriv --pdeathsig KILL -- sh -c 'echo $$; exec sleep 60' & wait"],
                output: .pipe, orphanSignal: nil))
        let output = try #require(parent.takeOutput())
        defer { close(output) }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = read(output, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        let id = try #require(Int32(text.filter(\.isNumber)))
        #expect(kill(parent.id, SIGKILL) == 0)
        _ = try await parent.wait()
        // End of file: nobody holds the pipe's other end any more.
        #expect(read(output, &bytes, bytes.count) == 0)
        let state = try await run(Command("ps", ["-o", "stat=", "-p", "\(id)"])).text
        #expect(state.isEmpty || state.hasPrefix("Z"))
    }

    @Test(
        "that cannot be started says why",
        arguments: [
            ("millrace-no-such-program", "no program `millrace-no-such-program` in PATH"),
            ("/no/such/program", "cannot run `/no/such/program`: No such file or directory"),
            ("/etc/passwd", "cannot run `/etc/passwd`: Permission denied"),
        ])
    func missing(program: String, sentence: String) async {
        let error = await #expect(throws: ProcessError.self) { try await run(Command(program)) }
        #expect(error?.description.contains(sentence) == true)
        #expect(error?.kind == .unusable)
    }
}
