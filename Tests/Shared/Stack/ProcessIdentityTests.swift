import Foundation
import Glibc
import Processes
import Stack
import Testing

@Suite("A process's identity")
struct ProcessIdentityTests {
    @Test("is the process and not its number")
    func recycled() async throws {
        let child = try await ChildProcess.start(Command("/bin/sleep", ["60"]))
        let identity = try #require(ProcessIdentity(of: child.id))
        #expect(identity.isAlive)
        // The same id with another start: what a recorded identity looks like once its number
        // has gone to a stranger.
        let encoded = try JSONEncoder().encode(identity)
        var fields = try #require(
            try JSONSerialization.jsonObject(with: encoded) as? [String: Any])
        fields["startedAt"] = identity.startedAt - 1
        let stranger = try JSONDecoder().decode(
            ProcessIdentity.self, from: JSONSerialization.data(withJSONObject: fields))
        #expect(!stranger.isAlive)
        stranger.signal(SIGKILL)
        #expect(identity.isAlive)

        identity.signal(SIGTERM)
        #expect(try await identity.hasEnded(within: .seconds(5)))
        _ = await child.stop()
        #expect(ProcessIdentity(of: child.id) == nil)
    }
}

@Suite("Ports")
struct PortTests {
    @Test("that are free are different ones, and open to nobody")
    func free() throws {
        let ports = try Port.free(20)
        #expect(Set(ports).count == 20)
        #expect(!ports.contains(where: Port.isOpen))
        #expect(ports.allSatisfy { $0 < 32_768 })
    }
}

@Suite("A secret")
struct SecretTests {
    @Test("is made once, long, and for its owner only")
    func once() async throws {
        try await withStackFolder { folder in
            let path = folder + "/password"
            let secret = try Secret.ensure(at: path)
            #expect(secret.count == 26)
            #expect(try Secret.ensure(at: path) == secret)
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }
}
