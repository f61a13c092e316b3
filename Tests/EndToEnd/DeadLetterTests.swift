import Broker
import Events
import Foundation
import Kit
import Lake
import Postgres
import Stack
import Telemetry
import Testing

extension EndToEnd {
    @Suite("An event that cannot be handled")
    struct DeadLetterTests {
        @Test("is set aside, can be looked at, and goes through once its cause is cured")
        func replayed() async throws {
            let stack = try TestStack.required()
            let pipeline = try await TestPipeline.apply("dead_letters", stack)
            let revision = try revisionFile(of: pipeline)
            let aside = URL(filePath: stack.scratch).appending(path: "revision.json")
            try FileManager.default.moveItem(at: revision, to: aside)
            let event = try await land(pipeline, revision: revision)
            let letter = try await waitForLetter(event, pipeline)
            #expect(letter.service == "transformer")
            #expect(letter.error_class == "pipeline.unknown")
            try await looking(at: event, stack)

            let tooEarly = try await stack.millrace("dead", "replay", event)
            #expect(tooEarly.code == 1, "\(tooEarly.text)\(tooEarly.errors)")
            #expect(tooEarly.errors.contains("came back"), "\(tooEarly.errors)")

            try FileManager.default.moveItem(at: aside, to: revision)
            let sent = try await stack.millrace("dead", "replay", event)
            #expect(sent.code == 0, "\(sent.text)\(sent.errors)")
            #expect(sent.errors.contains("resolved 1"), "\(sent.errors)")
            try await eventually(within: .seconds(60), "the batch is published") {
                try await pipeline.runs().contains { $0.state == "published" }
            }
            #expect(try await letters(pipeline).isEmpty)
            let gone = try await stack.millrace("dead", "replay", event)
            #expect(gone.code == 1)
            try await checkAlert(stack)
        }

        /// However often somebody looks, it stays as it is.
        private func looking(at event: String, _ stack: TestStack) async throws {
            let first = try await stack.millrace("dead", "show", event)
            #expect(first.text.contains("apply the pipeline first"), "\(first.text)")
            #expect(first.text.contains("millrace dead replay \(event)"), "\(first.text)")
            for _ in 0..<30 {
                let page = try await stack.millrace("dead", "show", event)
                #expect(page.text == first.text)
            }
            let payload = try await stack.millrace("dead", "show", event, "--payload")
            #expect(payload.text.hasPrefix(#"{"bytes":"#), "\(payload.text)")
            let groups = try await stack.millrace("dead", "list", "--pipeline", "dead_letters")
            #expect(groups.text.contains("pipeline.unknown"), "\(groups.text)")
        }

        private func checkAlert(_ stack: TestStack) async throws {
            let warehouse = try stack.warehouse()
            try await eventually(within: .seconds(60), "the alert is over") {
                let rows = try await warehouse.query(
                    """
                    select count(*) as n from millrace.alerts where topic = 'dead_letter'
                        and pipeline = 'dead_letters' and kind = 'raised'
                        and resolved_at is not null
                    """)
                return rows.first?["n"] == "1"
            }
            let audit = try await warehouse.query(
                """
                select outcome from millrace.audit
                where verb = 'dead replay' and arguments ->> 0 like '%.landed' order by audit_id
                """)
            #expect(audit.map { $0["outcome"] } == ["the canary came back", "sent"])
        }

        /// The pipeline as services read it from the lake.
        private func revisionFile(of pipeline: TestPipeline) throws -> URL {
            let folder = URL(filePath: pipeline.stack.folder.lake)
                .appending(path: "pipelines/\(pipeline.name)")
            let current = try String(
                contentsOf: folder.appending(path: "current"), encoding: .utf8)
            return folder.appending(path: "\(current).json")
        }

        /// Puts an object into the lake and says so, as the lander does.
        private func land(_ pipeline: TestPipeline, revision: URL) async throws -> String {
            let stack = pipeline.stack
            let traffic = try await Traffic.make(stack, rows: 10)
            let id = ULID()
            let key = LakeKeys.landing(
                pipeline.name, "users", at: Date(), id: id, name: "user.csv")
            let object = URL(filePath: "\(stack.folder.lake)/\(key)")
            try FileManager.default.createDirectory(
                at: object.deletingLastPathComponent(), withIntermediateDirectories: true)
            let source = try traffic.file("users")
            let bytes = try Data(contentsOf: source).count
            try FileManager.default.copyItem(at: source, to: object)
            let landed = ObjectLanded(
                pipeline: pipeline.name,
                revision: revision.deletingPathExtension().lastPathComponent, dataset: "users",
                object: key, bytes: bytes, sha256: nil, times: [.arrived: Date()])
            let event = try Event(landed, id: "\(id).landed", from: "/millrace/test/here")
            let addresses = try #require(try RunningStack(stack.folder).state()?.addresses)
            let log = Log(service: "test", threshold: .error)
            try await RabbitPublisher.with(addresses.broker([:]), name: "test", log: log) {
                try await $0.publish([event])
            }
            return event.id
        }

        private func waitForLetter(
            _ event: String, _ pipeline: TestPipeline
        ) async throws -> Letter {
            var found: Letter?
            try await eventually(within: .seconds(60), "the event is set aside") {
                found = try await letters(pipeline).first { $0.event == event }
                return found != nil
            }
            return try #require(found)
        }

        private func letters(_ pipeline: TestPipeline) async throws -> [Letter] {
            try await pipeline.stack.millrace(
                "dead", "list", "--all", "--pipeline", pipeline.name, "--format", "json"
            ).decoded([Letter].self)
        }

        struct Letter: Decodable {
            let event: String
            let service: String
            let error_class: String
        }
    }
}
