import Glibc

/// The three standard streams of a child to be: its ends, and ours.
struct ChildStreams: ~Copyable {
    var input = Descriptor()
    var output = Descriptor()
    var errorOutput = Descriptor()
    /// Our ends, where a stream is a pipe.
    var ours = OurEnds()

    /// Our ends of the pipes to and from a child.
    struct OurEnds: ~Copyable {
        var input = Descriptor()
        var output = Descriptor()
        var errorOutput = Descriptor()
    }

    init(_ command: Command) throws(ProcessError) {
        switch command.input {
        case .null: input = try Descriptor(opening: "/dev/null", O_RDONLY)
        case .inherit: input = try Descriptor(copying: STDIN_FILENO)
        case .file(let path): input = try Descriptor(opening: path, O_RDONLY)
        case .descriptor(let raw): input = try Descriptor(copying: raw)
        case .pipe: try Descriptor.pipe(&input, &ours.input)
        }
        try Self.open(command.output, STDOUT_FILENO, &output, &ours.output)
        try Self.open(command.errorOutput, STDERR_FILENO, &errorOutput, &ours.errorOutput)
    }

    private static func open(
        _ target: Command.Output, _ inherited: Int32, _ child: inout Descriptor,
        _ ours: inout Descriptor
    ) throws(ProcessError) {
        switch target {
        case .null: child = try Descriptor(opening: "/dev/null", O_WRONLY)
        case .inherit: child = try Descriptor(copying: inherited)
        case .file(let path):
            child = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_APPEND)
        case .descriptor(let raw): child = try Descriptor(copying: raw)
        case .pipe, .capture: try Descriptor.pipe(&ours, &child)
        }
    }
}
