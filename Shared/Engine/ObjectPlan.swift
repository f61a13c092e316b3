import Pipelines

/// How one object of a job is read.
struct ObjectPlan: Sendable {
    /// Its index in the job's objects.
    let index: Int
    let object: InputObject
    /// The object itself, or its unpacked copy in the scratch folder.
    var path: String
    var reading: Reading
    /// Records that were found faulty before the engine's own reader saw them.
    var rejectedEarly = 0

    /// The ways to read an object.
    enum Reading: Sendable {
        /// The engine's own reader takes the object as it is.
        case csv(CSVFormat, CSVHeader)
        /// The engine reads a record file that was made of the object.
        case prepared(String)
        case refused(Refusal)
    }

    var refusal: Refusal? {
        if case .refused(let refusal) = reading { refusal } else { nil }
    }
}
