import Foundation
import YAML

/// Finds secrets written in clear. A pipeline's revisions are kept for good and read by all
/// services, so a secret in it is out.
enum SecretRule {
    /// Notes each secret in a file. The line is not shown.
    static func check(_ file: String, _ findings: Findings) {
        for (index, line) in findings.lines(of: file).enumerated() {
            guard let found = secret(in: line) else { continue }
            let mark = YAMLMark(line: index + 1, column: found.column)
            findings.report(
                .secret, "this looks like \(found.what)",
                at: Word("", at: mark, length: found.length), in: file,
                fix: "remove it, change it where it is valid, and give it to the service as a "
                    + "setting", isSecret: true)
        }
    }

    /// The name in `${secret:name}`; nil for every other text.
    static func reference(_ text: String) -> String? {
        guard text.hasPrefix(opening), text.hasSuffix("}") else { return nil }
        let name = text.dropFirst(opening.count).dropLast()
        return NameRule.isName(String(name)) ? String(name) : nil
    }

    private static let opening = "${secret:"

    /// A line in which references stand for no text that could be a secret.
    private static func withoutReferences(_ line: Substring) -> Substring {
        guard line.contains(opening) else { return line }
        return line.replacing(/\$\{secret:[a-z0-9_]*\}/) { match in
            String(repeating: "{", count: match.output.count)
        }
    }

    private static func secret(
        in line: Substring
    ) -> (what: String, column: Int, length: Int)? {
        let line = withoutReferences(line)
        let lowered = line.lowercased()
        for pattern in patterns where pattern.words.contains(where: lowered.contains) {
            if let range = line.firstRange(of: pattern.regex()) {
                let column = line.distance(from: line.startIndex, to: range.lowerBound) + 1
                return (pattern.what, column, line[range].count)
            }
        }
        return nil
    }

    private struct Pattern {
        let what: String
        /// One of them is in each secret, in lower case. Looking for words first is what makes
        /// looking for patterns cheap.
        let words: [String]
        let regex: @Sendable () -> Regex<Substring>
    }

    private static let patterns = [
        Pattern(what: "a URL with a password", words: ["://"]) {
            /[a-z][a-z0-9+.\-]*:\/\/[^\/\s:@]*:[^\/\s:@]+@/
        },
        Pattern(what: "an AWS access key", words: ["akia", "asia"]) {
            /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/
        },
        Pattern(what: "a private key", words: ["-----begin"]) {
            /-----BEGIN [A-Z ]*PRIVATE KEY-----/
        },
        Pattern(what: "an access token", words: ["ghp_", "gho_", "github_pat_", "xox", "sk_live_"])
        {
            /\b(?:ghp_|gho_|github_pat_|xox[abp]-|sk_live_)[\w\-]{10,}/
        },
        Pattern(what: "a secret", words: ["passw", "secret", "token", "api_key", "apikey"]) {
            /(?i)\b\w*(?:password|passwd|secret|token|api_?key)["']?\s*[:=]\s*["']?[^\s"',{}]{4,}/
        },
    ]
}
