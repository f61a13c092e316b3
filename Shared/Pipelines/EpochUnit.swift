/// A way to write a moment as a number since 1970 began in UTC; it stands among the formats of a
/// `timestamptz`.
public enum EpochUnit: String, Sendable, CaseIterable {
    case seconds = "epoch_s"
    case milliseconds = "epoch_ms"
    case microseconds = "epoch_us"

    /// How many digits behind the point a microsecond allows.
    public var places: Int {
        switch self {
        case .seconds: 6
        case .milliseconds: 3
        case .microseconds: 0
        }
    }
}
