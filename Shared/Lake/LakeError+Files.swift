import Files

extension LakeError {
    /// What a failed step on the file system means for the lake.
    init(_ error: FileError, during operation: String) {
        let kind: Kind =
            if error.isMissing {
                .notFound
            } else if error.isFull {
                .full
            } else if error.isRefused {
                .refused
            } else {
                .unreachable
            }
        self.init(kind, during: operation, error.description)
    }
}
