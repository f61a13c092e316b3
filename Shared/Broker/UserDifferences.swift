/// What must change so that each service has its user, and nobody has more rights than that.
struct UserDifferences {
    let virtualHost: String
    let live: LiveUsers
    let passwords: (any BrokerPasswords)?

    /// Users are looked after once somebody asked for them: where all services share one user of
    /// the operator's, there is nothing to compare.
    var isInUse: Bool {
        passwords != nil || wanted.contains { live.users[$0.name] != nil }
    }

    /// In the order to do them: a user first, then its rights.
    func all() throws -> [TopologyDifference] {
        let own = isInUse ? try wanted.flatMap { try account($0) + permission($0) } : []
        return own + guest
    }

    private var wanted: [BrokerUser] { BrokerUser.all(in: virtualHost) }

    private func account(_ user: BrokerUser) throws -> [TopologyDifference] {
        let place = passwords.map { ", password in \($0.place(of: user.name))" } ?? ""
        guard let found = live.users[user.name] else {
            return [
                TopologyDifference(
                    subject: "user \(user.name)", wanted: "tag \(BrokerUser.tag)\(place)",
                    live: nil, remedy: .create, step: .user(user.name))
            ]
        }
        let tags =
            found.tags == [BrokerUser.tag]
            ? []
            : [
                TopologyDifference(
                    subject: "user \(user.name)", wanted: "tag \(BrokerUser.tag)",
                    live: "tags \(found.tags.sorted().joined(separator: ","))", remedy: .change,
                    step: .tags(user.name, hash: found.hash))
            ]
        return tags + (try password(user, found))
    }

    private func password(
        _ user: BrokerUser, _ found: LiveUsers.User
    ) throws -> [TopologyDifference] {
        guard let passwords else { return [] }
        let known = try passwords.password(of: user.name)
        if let known, found.has(password: known) == true { return [] }
        return [
            TopologyDifference(
                subject: "password of \(user.name)",
                wanted: "the one in \(passwords.place(of: user.name))",
                live: known == nil ? "unknown here" : "another", remedy: .change,
                step: .user(user.name))
        ]
    }

    private func permission(_ user: BrokerUser) -> [TopologyDifference] {
        let found = live.permissions[user.name]
        guard found != user.permission else { return [] }
        return [
            TopologyDifference(
                subject: "rights of \(user.name)", wanted: user.permission.text, live: found?.text,
                remedy: found == nil ? .create : .change, step: .permit(user))
        ]
    }

    /// The user that every fresh broker has, whose password everybody knows.
    private var guest: [TopologyDifference] {
        guard live.users["guest"] != nil, live.permissions["guest"] != nil else { return [] }
        return [
            TopologyDifference(
                subject: "user guest", wanted: "removed", live: "may use \(virtualHost)",
                remedy: .advise, step: .none,
                advice: ["make another administrator, then `rabbitmqctl delete_user guest`"])
        ]
    }
}

extension BrokerUser.Permission {
    fileprivate var text: String { "configure `\(configure)` write `\(write)` read `\(read)`" }
}
