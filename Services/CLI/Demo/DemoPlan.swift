import Foundation
import Stack

/// What a demo is asked to do.
struct DemoPlan: Sendable {
    let folder: StackFolder
    /// ` --data DIR` where a command to type needs it.
    let dataFlag: String
    /// The folder of the GoodReads pipeline.
    let pipeline: String
    let faker: GoodreadsFaker
    let isKept: Bool
    let arguments: Arguments

    /// - Throws: `CommandError` for options that make no sense, or when there is no pipeline.
    init(_ arguments: Arguments) throws(CommandError) {
        guard let day = Moment(day: "2020-02-11") else {
            preconditionFailure("the day of the demo is a date")
        }
        self.arguments = arguments
        folder = StackFolder(arguments.data)
        dataFlag = StackContext.dataFlag(arguments)
        pipeline = try Self.pipeline(arguments.value("pipelines"))
        isKept = arguments.flag("keep")
        faker = GoodreadsFaker(
            seed: UInt64(try arguments.integer("seed", default: 1, in: 0...Int.max)),
            rows: try arguments.integer("rows", default: 2000, in: 1...GoodreadsFaker.largestRows),
            dirty: try Faker.share(arguments.value("dirty") ?? "2%", of: "dirty"), day: day,
            format: .csv,
            things: 150)
    }

    /// Where the traffic's files are made.
    var traffic: URL {
        URL(filePath: folder.path, directoryHint: .isDirectory).appending(path: "demo")
    }

    /// Looks in the given folder; else in the working folder and all those above this program.
    private static func pipeline(_ given: String?) throws(CommandError) -> String {
        let roots = given.map { [$0] } ?? candidates.map { "\($0)/compose/pipelines" }
        for root in roots {
            let folder = "\(root)/goodreads"
            if FileManager.default.fileExists(atPath: "\(folder)/pipeline.yaml") { return folder }
        }
        throw CommandError(
            "there is no goodreads/pipeline.yaml in \(given ?? "compose/pipelines")",
            exit: .usage, try: "millrace demo --pipelines DIR")
    }

    private static var candidates: [String] {
        var folders = ["."]
        var folder = URL(filePath: ServerPrograms.ownFolder, directoryHint: .isDirectory)
        while folder.pathComponents.count > 1 {
            folders.append(folder.path(percentEncoded: false))
            folder.deleteLastPathComponent()
        }
        return folders
    }
}
