import Engine
import Foundation
import Lake
import Pipelines
import Stack

/// A question to the files of the lake, by the names of their datasets.
struct LakeQuestion {
    private let select: String
    private let names: [LakeNames.Name]
    private let context: StackContext
    private let limits: EngineLimits

    /// More objects of one table are not read at once.
    private static let mostObjects = 20_000
    /// How often it is asked when objects are moved meanwhile.
    private static let tries = 3

    /// - Parameters:
    ///   - limit: At most so many rows and one more; 0 for all.
    ///   - seconds: After which it gives up.
    init(
        _ text: String, limit: Int, seconds: Int, _ context: StackContext
    ) throws(CommandError) {
        guard let statement = SQLTemplate(text).statement else {
            throw CommandError("the question must be one statement", exit: .usage)
        }
        let rows = limit == 0 ? "" : " LIMIT \(limit + 1)"
        select = "SELECT * FROM (\n\(statement)\n) AS answer\(rows)"
        names = LakeNames(in: statement).names
        guard !names.isEmpty else {
            throw CommandError(
                "the question names no table of the lake; they are called "
                    + "landing.PIPELINE.DATASET, working.… and processed.…", exit: .usage,
                try: "millrace catalog\(context.dataFlag)")
        }
        self.context = context
        limits = EngineLimits(memoryMegabytes: 1_024, threads: 2, time: .seconds(seconds))
    }

    /// The answer as JSON text.
    func json() async throws -> String { try await ask { try await $0.json(of: select) } }

    /// The answer as texts.
    func rows() async throws -> FileQuestion.Answer {
        try await ask { try await $0.rows(of: select) }
    }

    private func ask<Answer>(
        _ body: (FileQuestion) async throws -> Answer
    ) async throws -> Answer {
        guard let program = context.addresses.engine else {
            throw CommandError("the engine (duckdb) was not found", try: "make setup")
        }
        var tries = 0
        while true {
            tries += 1
            let views = try await views()
            let zones = Set(names.map(\.zone)).sorted().map(LakeView.zone)
            let question = FileQuestion(
                program: program, limits: limits, files: views.flatMap(\.files),
                views: zones + views.map(\.sql))
            do {
                return try await body(question)
            } catch let error as EngineError where error.kind == .input && tries < Self.tries {
                // A batch has claimed an object between the look and the reading.
                continue
            } catch let error as EngineError {
                throw CommandError(
                    "the lake: \(error)", exit: error.kind == .statement ? .failed : .transient,
                    try: "millrace query --help")
            }
        }
    }

    private func views() async throws -> [LakeView] {
        let lake = try context.lake()
        var views: [LakeView] = []
        for name in names {
            let dataset = try await LakeNames.dataset(name, context)
            views.append(
                LakeView(
                    zone: name.zone, pipeline: name.pipeline, dataset: dataset,
                    files: try await files(of: name, lake)))
        }
        return views
    }

    private func files(of name: LakeNames.Name, _ lake: any ObjectStore) async throws -> [String] {
        var files: [String] = []
        var marker: String?
        repeat {
            let page = try await lake.list(
                prefix: "\(name.zone)/\(name.pipeline)/\(name.dataset)/", after: marker,
                limit: 1_000)
            for key in page.map(\.key)
            where name.zone != Zone.processed.rawValue || key.hasSuffix(".parquet") {
                files.append(lake.location(of: key))
            }
            guard files.count <= Self.mostObjects else {
                throw CommandError(
                    "\(name.zone).\(name.pipeline).\(name.dataset) has more than "
                        + "\(TimeText.grouped(Self.mostObjects)) objects: too many at once",
                    try: "millrace catalog \(name.pipeline).\(name.dataset)\(context.dataFlag)")
            }
            marker = page.count < 1_000 ? nil : page.last?.key
        } while marker != nil
        return files
    }
}
