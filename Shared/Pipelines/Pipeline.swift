/// A pipeline as it is applied: the folder's `pipeline.yaml` and SQL in one value.
///
/// This is what `lint` makes of the folder and what services read from the lake. It holds only
/// what passed every rule, so that its readers check nothing again.
public struct Pipeline: Codable, Sendable, Equatable {
    /// Lower-case letters, digits and `_`; starts with a letter; at most 40 bytes.
    public var name: String
    public var description: String?
    /// The warehouse schema of its tables and models.
    public var schema: String
    /// Values that the models' SQL names as `{{name}}`, with their defaults, as SQL literals' text.
    public var parameters: [Parameter]
    public var datasets: [Dataset]
    /// In an order in which each model follows what it depends on.
    public var models: [Model]
    /// When what has landed is transformed; nil for at once.
    public var trigger: Trigger?
    /// How long its past is kept; nil is what the services' settings say.
    public var retention: Retention?
    /// What it says about its alerts; nil where it says nothing.
    public var alerts: AlertRules?

    public init(
        name: String, description: String?, schema: String, parameters: [Parameter],
        datasets: [Dataset], models: [Model], trigger: Trigger? = nil, retention: Retention? = nil,
        alerts: AlertRules? = nil
    ) {
        self.name = name
        self.description = description
        self.schema = schema
        self.parameters = parameters
        self.datasets = datasets
        self.models = models
        self.trigger = trigger
        self.retention = retention
        self.alerts = alerts
    }

    /// The dataset of that name.
    public func dataset(_ name: String) -> Dataset? { datasets.first { $0.name == name } }
    /// The model of that name.
    public func model(_ name: String) -> Model? { models.first { $0.name == name } }
}
