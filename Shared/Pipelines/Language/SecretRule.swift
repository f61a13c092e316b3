import Foundation
import YAML

/// Finds secrets written in clear. A pipeline's revisions are kept for good and read by all
/// services, so a secret in it is out.
enum SecretRule {
    /// Notes each secret in a file. The line is not shown.
    static func check(_ file: String, _ findings: Findings) {
        for (index, line) in findings.lines(of: file).enumerated() {
            guard let found = secret(in: line) else { continue }
            let column = line.distance(from: line.startIndex, to: found.range.lowerBound) + 1
            let mark = YAMLMark(line: index + 1, column: column)
            findings.report(
                .secret, "this looks like \(found.what)",
                at: Word("", at: mark, length: line[found.range].count), in: file,
                fix: "remove it, change it where it is valid, and give it to the service as a "
                    + "setting", isSecret: true)
        }
    }

    private static func secret(
        in line: Substring
    ) -> (what: String, range: Range<Substring.Index>)? {
        let lowered = line.lowercased()
        for pattern in patterns where pattern.words.contains(where: lowered.contains) {
            if let range = line.firstRange(of: pattern.regex()) { return (pattern.what, range) }
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
