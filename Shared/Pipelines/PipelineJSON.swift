import Events

public import struct Foundation.Data

/// The form in which a pipeline lies in the lake: JSON with sorted keys, so that equal pipelines
/// have equal bytes and equal revisions.
public enum PipelineJSON {
    /// A pipeline larger than this is a mistake: its SQL is at most 1 MiB a file.
    public static let limitBytes = 16 << 20

    /// The canonical bytes.
    public static func encode(_ pipeline: Pipeline) throws -> Data {
        try EventJSON.encode(pipeline)
    }

    /// Reads what `encode` wrote.
    public static func decode(_ bytes: Data) throws -> Pipeline {
        try EventJSON.decode(Pipeline.self, from: bytes)
    }

    /// The name of a pipeline's content: the first 12 hexadecimal digits of the SHA-256.
    public static func revision(of bytes: Data) -> String {
        String(SHA256.hex(of: bytes).prefix(12))
    }
}
