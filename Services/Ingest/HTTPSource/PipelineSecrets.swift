import Events
import Foundation
import Pipelines

/// The secrets that the ingest is given for sources: `MILLRACE_SECRET_<NAME>`, or the file that
/// `MILLRACE_SECRET_<NAME>_FILE` names, which is read anew each time. No other setting can be
/// named by a pipeline.
struct PipelineSecrets: Sendable {
    private let environment: [String: String]

    init(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
    }

    func value(of reference: SecretReference) throws -> String {
        let variable = "MILLRACE_SECRET_\(reference.name.uppercased())"
        if let value = environment[variable] { return value }
        guard let path = environment[variable + "_FILE"] else {
            throw PollFailure(
                .permanent, "http.no_secret",
                "the ingest has no secret `\(reference.name)`: set \(variable) or \(variable)_FILE")
        }
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
                .trimmingCharacters(in: .newlines)
        } catch {
            throw PollFailure(
                .permanent, "http.no_secret", "\(variable)_FILE: `\(path)` cannot be read")
        }
    }
}
