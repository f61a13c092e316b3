import Foundation
import Pipelines

/// Lints a folder that is made for it and removed afterwards.
///
/// - Parameter files: Texts of more files by their names below the folder.
func lint(
    _ yaml: String, files: [String: String] = [:],
    _ choice: PipelineFolder.Choice = PipelineFolder.Choice()
) throws -> (pipeline: Pipeline?, report: LintReport) {
    try lint(
        folder: files.merging([PipelineFolder.fileName: yaml], uniquingKeysWith: { $1 }), choice)
}

/// Lints a folder with these files, by their names below it.
func lint(
    folder files: [String: String], _ choice: PipelineFolder.Choice = PipelineFolder.Choice()
) throws -> (pipeline: Pipeline?, report: LintReport) {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("millrace-lint-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
    return PipelineFolder.read(folder.path, choice)
}

/// A pipeline without mistakes, with places to put some in.
///
/// - Parameters: Lines that replace the usual ones; indented as they stand in the YAML.
func yaml(
    top: String = "",
    source: String = "{files: {path: books}}",
    columns: String = "{book_id: bigint required, title: text, seen_at: timestamp}",
    load: String = "{mode: merge, key: book_id, newest_by: seen_at}",
    dataset: String = "", models: String = ""
) -> String {
    """
    name: shop
    \(top)
    datasets:
      books:
        source: \(source)
        columns: \(columns)
        load: \(load)
        \(dataset)
    \(models)
    """
}
