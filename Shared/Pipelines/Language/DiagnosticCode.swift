/// The kinds of mistakes. A code keeps its meaning for good: people search for it.
public enum DiagnosticCode: String, Sendable, CaseIterable, Codable {
    case unreadableFile = "E001"
    case badBytes = "E002"
    case syntax = "E003"
    case refusedYAML = "E004"
    case tooLarge = "E005"

    case wrongKind = "E010"
    case ambiguousText = "E011"
    case badValue = "E012"
    case unknownWord = "E013"
    case unknownKey = "E014"
    case missingKey = "E015"
    case duplicateKey = "E016"
    case empty = "E017"

    case badName = "E020"
    case reservedName = "E021"
    case usedName = "E022"
    case unknownColumn = "E023"
    case unknownTable = "E024"
    case unknownSlot = "E025"
    case repeatedItem = "E026"
    case unknownVariable = "E027"
    case unknownEnvironment = "E028"

    case misplacedOption = "E030"
    case valueOfOtherType = "E031"
    case reversedLimits = "E032"
    case keylessMerge = "E033"
    case optionalKey = "E034"
    case sharedFiles = "E035"

    case badPath = "E040"
    case badSQL = "E041"
    case quotedSlot = "E042"
    case unusedInput = "E043"
    case cycle = "E044"

    case badCheck = "E050"
    case lateBlock = "E051"

    case secret = "E060"

    case unreachable = "E090"
    case liveConflict = "E091"
    case liveKey = "E092"
    case liveSQL = "E093"
    case livePermission = "E094"

    case earlyReference = "W001"
    case unusedParameter = "W002"
    case unusedFile = "W003"
    case unusedVariable = "W004"
    case missingFolder = "W090"

    /// Whether the pipeline can be applied in spite of it.
    public enum Severity: String, Sendable, Codable { case error, warning }

    public var severity: Severity { rawValue.hasPrefix("E") ? .error : .warning }
}
