/// What is named anywhere, over all environments and instances that a folder is read for.
final class Usage {
    /// What somebody declares so that it is named elsewhere.
    enum Kind { case parameter, variable }

    /// The SQL files that are named somewhere.
    private var files: Set<String> = []
    private var used: [Kind: Set<String>] = [:]
    private var declared: [Kind: [String: Word]] = [:]

    /// Notes that a file is named; true for the first time.
    func insertFile(_ name: String) -> Bool { files.insert(name).inserted }

    func use(_ kind: Kind, _ name: String) { used[kind, default: []].insert(name) }

    func declare(_ kind: Kind, _ word: Word) { declared[kind, default: [:]][word.text] = word }

    /// Warns of what nothing names.
    func reportUnused(_ folder: FolderFiles, _ findings: Findings) {
        for word in unused(.parameter) {
            findings.report(
                .unusedParameter, "no SQL uses parameter `\(word.text)`", at: word,
                fix: "name it as {{\(word.text)}}, or remove it")
        }
        for word in unused(.variable) {
            findings.report(
                .unusedVariable, "no value uses `\(word.text)`", at: word,
                fix: "name it as ${\(word.text)}, or remove it")
        }
        for file in folder.sqlFiles() where !files.contains(file) {
            findings.report(
                .unusedFile, "nothing names the file `\(file)`", at: Word("", at: .top), in: file,
                fix: "name it in \(findings.file), or remove it")
        }
    }

    private func unused(_ kind: Kind) -> [Word] {
        (declared[kind] ?? [:]).filter { !(used[kind] ?? []).contains($0.key) }
            .map(\.value).sorted { $0.start < $1.start }
    }
}

/// What each pipeline of a folder takes for itself, in one environment.
final class Claims {
    /// Which dataset takes the files of a pattern in a folder.
    private var takers: [String: String] = [:]
    /// Which instance gives a pipeline its name.
    private var pipelines: [String: String] = [:]

    /// Notes files that another dataset takes.
    func claimFiles(
        _ pattern: Word, in path: String, for dataset: String, _ findings: Findings
    ) {
        let files = path + "/" + pattern.text
        if let other = takers.updateValue(dataset, forKey: files) {
            takers[files] = other
            findings.report(
                .sharedFiles, "\(other) takes the files `\(files)` already", at: pattern,
                fix: "a file goes to one dataset: change the path or the patterns")
        }
    }

    /// Notes a pipeline's name that another instance gives.
    func claimPipeline(_ name: Word, for instance: String, _ findings: Findings) {
        if let other = pipelines.updateValue(instance, forKey: name.text) {
            pipelines[name.text] = other
            findings.report(
                .usedName, "`\(name.text)` is the pipeline of \(other) already", at: name,
                fix: "let the name come from an input that no other instance sets so, "
                    + "like name: ${partner}_orders")
        }
    }
}
