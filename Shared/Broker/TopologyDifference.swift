/// One thing on the broker that is not as the topology wants it.
public struct TopologyDifference: Sendable, Equatable {
    /// How it is put right.
    public enum Remedy: String, Sendable {
        case create, change, remove
        /// AMQP cannot change it: it must be made anew.
        case replace
        /// Somebody laid it over ours; only they can say why.
        case byHand = "by hand"
        /// Everything works as it is, but it should not stay.
        case advise
    }

    /// e.g. `queue millrace.loader.work`.
    public let subject: String
    /// As it should be.
    public let wanted: String
    /// As it is; nil when it is not there.
    public let live: String?
    public let remedy: Remedy
    let step: Step
    var advice: [String] = []

    /// What `apply` does about it.
    enum Step: Sendable, Equatable {
        case virtualHost
        case administrator
        case exchange(Topology.Exchange)
        case queue(String)
        case policy(Topology.Policy)
        case bind(Topology.Binding)
        case unbind(Topology.Binding, key: String)
        /// With its password.
        case user(String)
        case tags(String, hash: String)
        case permit(BrokerUser)
        case replaceExchange(Topology.Exchange)
        case replaceQueue(String)
        case none
    }

    /// How to get from here to there, one step each.
    public var steps: [String] {
        switch remedy {
        case .create: ["`millrace topology apply` makes it"]
        case .change: ["`millrace topology apply` changes it in place"]
        case .remove: ["`millrace topology apply` removes it"]
        case .replace, .byHand, .advise: advice
        }
    }

    /// The steps as a sentence.
    public var migration: String { steps.joined(separator: "; ") }
}
