import Pipelines

/// Where a splitter puts the records that it finds.
protocol RecordOutput {
    /// The next bytes of the record at hand, which is JSON without line ends.
    mutating func add(_ bytes: UnsafeRawBufferPointer) throws
    /// The record is whole.
    mutating func endRecord() throws
}

/// Cuts an answer into records while it arrives.
protocol RecordSplitter {
    /// What stands beside the records where the next page is named; nil for nothing.
    var found: String? { get }

    /// Takes the next bytes of the answer.
    ///
    /// - Throws: `PollFailure` when they are not of its format; what the output throws.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, into output: inout some RecordOutput
    ) throws

    /// The answer is over.
    ///
    /// - Throws: `PollFailure` when it is cut, or has no records where they should be.
    mutating func finish(into output: inout some RecordOutput) throws
}

extension HTTPSource {
    /// A splitter for one answer of it.
    func splitter() -> any RecordSplitter {
        switch format {
        case .json: JSONRecordSplitter(path: records, wanted: pathToNextPage)
        case .xml(let lists): XMLRecordSplitter(path: records, lists: lists)
        case .csv(let dialect): CSVRecordSplitter(dialect)
        }
    }

    private var pathToNextPage: [String]? {
        switch pages {
        case .next(let path), .bookmark(let path, _): path
        case .linkHeader, .number, .offset, nil: nil
        }
    }
}
