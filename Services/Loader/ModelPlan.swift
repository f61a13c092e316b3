import Pipelines

/// Which models a publish into a dataset concerns, in an order in which each follows what it reads.
struct ModelPlan: Sendable, Equatable {
    /// One model of the plan.
    struct Step: Sendable, Equatable {
        let model: Model
        /// False for a model that does not read the dataset, not even through others, but that a
        /// later step reads: it is only made where it is missing.
        let isConcerned: Bool
    }

    let steps: [Step]

    init(_ pipeline: Pipeline, after dataset: String) {
        let children = pipeline.dataset(dataset)?.tablesOfChildren ?? []
        var concerned = Set([dataset] + children.map(\.name))
        for model in pipeline.models where !concerned.isDisjoint(with: model.dependsOn) {
            concerned.insert(model.name)
        }
        var needed = concerned
        for model in pipeline.models.reversed() where needed.contains(model.name) {
            needed.formUnion(model.dependsOn)
        }
        steps = pipeline.models.filter { needed.contains($0.name) }
            .map { Step(model: $0, isConcerned: concerned.contains($0.name)) }
    }
}
