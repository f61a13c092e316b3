/// A program that a source runs at its due times, on the host of the ingest.
public struct SourceProgram: Codable, Sendable, Equatable {
    /// The program, as an absolute path or a name, and its arguments. No shell reads them.
    public var run: [String]
    /// What its environment has beside the few variables that every such program gets.
    public var environment: [String: SettingValue]
    public var when: Trigger.When
    /// A run that takes longer is ended, and has failed.
    public var timeoutSeconds: Int

    public init(
        run: [String], environment: [String: SettingValue] = [:], when: Trigger.When,
        timeoutSeconds: Int = 3_600
    ) {
        self.run = run
        self.environment = environment
        self.when = when
        self.timeoutSeconds = timeoutSeconds
    }
}

/// A value that a program is given; secrets in it are only named.
public indirect enum SettingValue: Codable, Sendable, Equatable {
    case text(String)
    /// As its author wrote it.
    case number(String)
    case boolean(Bool)
    case null
    case secret(SecretReference)
    case list([SettingValue])
    case mapping([String: SettingValue])
}
