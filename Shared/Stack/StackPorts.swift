import Foundation

/// The ports of a stack by what they are for, remembered in its folder.
enum StackPorts {
    /// The remembered port for each name where it is free, another one where it is not.
    static func take(_ names: [String], _ folder: StackFolder) throws -> [String: Int] {
        var ports = try folder.rememberedPorts()
        for name in names {
            if let port = ports[name], Port.isFree(port) { continue }
            ports[name] = try Port.free(1, avoiding: Set(ports.values))[0]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try encoder.encode(ports).write(to: URL(filePath: folder.ports), options: .atomic)
        return ports.filter { names.contains($0.key) }
    }
}

extension StackFolder {
    /// The ports of the last start, by what they are for; empty before the first.
    public func rememberedPorts() throws -> [String: Int] {
        guard FileManager.default.fileExists(atPath: ports) else { return [:] }
        let bytes = try Data(contentsOf: URL(filePath: ports))
        return try JSONDecoder().decode([String: Int].self, from: bytes)
    }
}
