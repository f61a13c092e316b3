import Foundation
import YAML

/// Declares more columns in the text of a `pipeline.yaml`, and changes nothing else of it.
public enum ColumnInsertion {
    /// A column to declare.
    public struct Declaration: Sendable, Equatable {
        public var name: String
        public var field: String
        public var type: ColumnType

        public init(name: String, field: String, type: ColumnType) {
            self.name = name
            self.field = field
            self.type = type
        }

        /// As it stands in YAML. Files that came before it lack the field.
        public var yaml: String {
            guard field != name else { return "\(name): \(type.rawValue) optional" }
            let quoted = field.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            return "\(name): {type: \(type.rawValue), field: \"\(quoted)\", optional: true}"
        }
    }

    /// Adds columns behind those of a dataset.
    ///
    /// - Returns: Nil where the text does not have the dataset's columns in a place of its own.
    public static func adding(
        _ columns: [Declaration], to dataset: String, in text: String
    ) -> String? {
        let document = YAMLDocument(Data(text.utf8))
        guard let node = document.root?["datasets"]?[dataset]?["columns"] else { return nil }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        switch node.content {
        case .mapping(let entries):
            guard let last = entries.last else { return nil }
            if character(at: node.start, in: lines) == "{" {
                return inline(columns, node.start, &lines)
            }
            let indent = String(repeating: " ", count: last.start.column - 1)
            let end = end(of: last.start, in: lines)
            lines.insert(contentsOf: columns.map { indent + $0.yaml }, at: end + 1)
        case .scalar(let scalar) where scalar.text == "infer":
            let line = node.start.line - 1
            let key = lines[line].prefix { $0 == " " }
            lines[line] = lines[line].replacing(
                "columns: infer", with: "columns:", maxReplacements: 1)
            lines.insert(contentsOf: columns.map { "\(key)  \($0.yaml)" }, at: line + 1)
        default: return nil
        }
        return lines.joined(separator: "\n")
    }

    /// The last line of what a key of a block says, from 0.
    private static func end(of start: YAMLMark, in lines: [String]) -> Int {
        var end = start.line - 1
        for index in lines.indices.dropFirst(start.line) {
            let content = lines[index].drop { $0 == " " }
            if content.isEmpty || content.hasPrefix("#") { continue }
            guard lines[index].count - content.count >= start.column else { break }
            end = index
        }
        return end
    }

    /// Behind the last of the columns that stand between braces.
    private static func inline(
        _ columns: [Declaration], _ start: YAMLMark, _ lines: inout [String]
    ) -> String? {
        var depth = 0
        var quote: Character?
        for line in (start.line - 1)..<lines.count {
            var last: Character?
            for (place, character) in lines[line].enumerated() {
                if line == start.line - 1, place < start.column - 1 { continue }
                defer { last = character }
                if let open = quote {
                    if character == open, last != "\\" { quote = nil }
                    continue
                }
                switch character {
                case "\"", "'": quote = character
                case "#" where last == " ": return nil
                case "{", "[": depth += 1
                case "}", "]": depth -= 1
                default: break
                }
                guard depth == 0 else { continue }
                let added = columns.map { ", " + $0.yaml }.joined()
                let index = lines[line].index(lines[line].startIndex, offsetBy: place)
                lines[line].insert(contentsOf: added, at: index)
                return lines.joined(separator: "\n")
            }
        }
        return nil
    }

    private static func character(at mark: YAMLMark, in lines: [String]) -> Character? {
        guard lines.indices.contains(mark.line - 1) else { return nil }
        return lines[mark.line - 1].dropFirst(mark.column - 1).first
    }
}
