/// Prints a shell's completion script, made from what the verbs declare.
struct Completions: Command {
    enum Shell: String, CaseIterable { case bash, zsh, fish }

    let name = "completions"
    let summary = "print the completion script of a shell"
    let positionals = [Positional("bash|zsh|fish")]
    let topic = Topic.tool
    let details = """
          bash   source <(millrace completions bash)
          zsh    source <(millrace completions zsh)
          fish   millrace completions fish | source
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        guard let shell = Shell(rawValue: arguments.positionals[0]) else {
            throw CommandError(
                "`\(arguments.positionals[0])` is no shell that has completions", exit: .usage,
                try: "millrace completions bash")
        }
        console.text(Self.script(for: shell, Commands.all))
        return .done
    }

    /// The script, as text.
    static func script(for shell: Shell, _ commands: [any Command]) -> String {
        switch shell {
        case .bash: bash(commands)
        // zsh runs bash's completions once it is asked to.
        case .zsh: "autoload -U +X bashcompinit && bashcompinit\n" + bash(commands)
        case .fish: fish(commands)
        }
    }

    private static func bash(_ commands: [any Command]) -> String {
        let cases = commands.map { command in
            let flags = command.allOptions.map { "--\($0.name)" }.joined(separator: " ")
            return "    \"\(command.name)\") flags=\"\(flags)\" ;;\n"
        }
        return """
            _millrace() {
                local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"
                local verb="${COMP_WORDS[1]}" flags=""
                case "$before" in
            \(bashValues(commands))    esac
                if [ "$COMP_CWORD" -eq 1 ]; then
                    COMPREPLY=($(compgen -W "\(firstWords(commands).joined(separator: " "))" \
            -- "$word"))
                    return
                fi
                case "$verb" in
            \(bashNouns(commands))    esac
                case "$verb" in
            \(cases.joined())    esac
                case "$word" in
                --*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
                *) COMPREPLY=($(compgen -f -- "$word")) ;;
                esac
            }
            complete -o filenames -F _millrace millrace

            """
    }

    /// After a flag with few values, those values; after one that names a folder, folders.
    private static func bashValues(_ commands: [any Command]) -> String {
        var words: [String: Set<String>] = [:]
        var folders: Set<String> = []
        for option in commands.flatMap(\.allOptions) {
            words["--\(option.name)", default: []].formUnion(option.choices)
            if option.completion == .folders { folders.insert("--\(option.name)") }
        }
        let choices = words.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        let lines = choices.map { flag, words in
            "    \(flag)) COMPREPLY=($(compgen -W \"\(words.sorted().joined(separator: " "))\" "
                + "-- \"$word\")); return ;;\n"
        }
        let folder =
            "    \(folders.sorted().joined(separator: "|"))) "
            + "COMPREPLY=($(compgen -d -- \"$word\")); return ;;\n"
        return lines.joined() + (folders.isEmpty ? "" : folder)
    }

    /// Where verbs share a noun, the second word completes, then both make the verb.
    private static func bashNouns(_ commands: [any Command]) -> String {
        nouns(commands).map { noun, verbs in
            """
                \(noun))
                    if [ "$COMP_CWORD" -eq 2 ]; then
                        COMPREPLY=($(compgen -W "\(verbs.joined(separator: " "))" -- "$word"))
                        return
                    fi
                    verb="$verb ${COMP_WORDS[2]}" ;;

            """
        }.joined()
    }

    private static func fish(_ commands: [any Command]) -> String {
        let verbs = commands.map { command -> String in
            let words = command.name.split(separator: " ")
            let condition =
                words.count == 1
                ? "__fish_use_subcommand" : "__fish_seen_subcommand_from \(words[0])"
            let flags = command.allOptions.map { option in
                let values =
                    option.choices.isEmpty ? "" : " -xa '\(option.choices.joined(separator: " "))'"
                let needsValue = option.value != nil && option.choices.isEmpty ? " -r" : ""
                return "complete -c millrace -n '__fish_seen_subcommand_from \(words.last ?? "")' "
                    + "-l \(option.name)\(needsValue)\(values) -d '\(plain(option.help))'\n"
            }
            return "complete -c millrace -n '\(condition)' -a \(words.last ?? "") "
                + "-d '\(plain(command.summary))'\n" + flags.joined()
        }
        let groups = nouns(commands).map { noun, _ in
            "complete -c millrace -n __fish_use_subcommand -a \(noun)\n"
        }
        return groups.joined() + verbs.joined()
    }

    private static func plain(_ text: String) -> String {
        text.filter { $0 != "'" && $0 != "\\" }
    }

    private static func firstWords(_ commands: [any Command]) -> [String] {
        Set(commands.compactMap { $0.name.split(separator: " ").first.map(String.init) }).sorted()
    }

    private static func nouns(_ commands: [any Command]) -> [(String, [String])] {
        var verbs: [String: [String]] = [:]
        for command in commands {
            let words = command.name.split(separator: " ").map(String.init)
            if words.count == 2 { verbs[words[0], default: []].append(words[1]) }
        }
        return verbs.sorted { $0.key < $1.key }
    }
}
