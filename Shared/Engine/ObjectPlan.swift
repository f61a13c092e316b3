import Pipelines

/// How one object of a job is read.
struct ObjectPlan: Sendable {
    /// Its index in the job's objects.
    let index: Int
    let object: InputObject
    /// The object itself, or its unpacked copy in the scratch folder.
    var path: String
    var reading: Reading
    /// How its numbers are written, where that is not the usual way.
    var marks: NumberMarks?
    /// False where its records are not pieces of the object's bytes: in Parquet.
    var isText = true
    /// Records that were found faulty before the engine's own reader saw them.
    var rejectedEarly = 0
    /// What the contract lets pass, for people.
    var notes: [String] = []

    /// The ways to read an object.
    enum Reading: Sendable {
        /// The engine's own reader takes the object as it is.
        case csv(CSVFormat, CSVHeader)
        /// The engine reads a record file that was made of the object.
        case prepared(String)
        /// The engine's own reader takes the Parquet object as it is.
        case parquet(ParquetColumns)
        case refused(Refusal)
    }

    /// The engine's own reader takes it, and it is delimited text.
    var isPlainCSV: Bool {
        if case .csv = reading { true } else { false }
    }

    var refusal: Refusal? {
        if case .refused(let refusal) = reading { refusal } else { nil }
    }
}
