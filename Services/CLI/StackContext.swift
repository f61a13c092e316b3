import Broker
import Foundation
import Lake
import Pipelines
import Postgres
import Stack

/// What a verb works with: the local stack of its `--data` folder or, where none runs there, the
/// servers that the environment names (`MILLRACE_WAREHOUSE_URL` and so on, as for the services).
struct StackContext: Sendable {
    let folder: StackFolder
    let addresses: StackAddresses
    private let environment: [String: String]
    /// ` --data DIR` where a command to type needs it.
    let dataFlag: String

    /// - Throws: `CommandError` when nothing runs and the environment names nothing.
    init(_ arguments: Arguments) throws {
        folder = StackFolder(arguments.data)
        environment = arguments.environment
        dataFlag = Self.dataFlag(arguments)
        if let state = try RunningStack(folder).state() {
            guard let addresses = state.addresses else {
                throw CommandError(
                    "the stack in \(folder.path) is still starting", exit: .transient,
                    try: "millrace status\(dataFlag)")
            }
            self.addresses = addresses
        } else if let addresses = StackAddresses(environment) {
            self.addresses = addresses
        } else {
            throw CommandError(
                "no stack runs in \(folder.path)", try: "millrace up --detach\(dataFlag)")
        }
    }

    /// Connections to the warehouse.
    func warehouse(size: Int = 2) throws -> PostgresPool {
        try require(addresses.warehouseURL, "warehouse", "MILLRACE_WAREHOUSE_URL")
        return PostgresPool(
            try addresses.warehouse(environment), size: size, applicationName: "millrace")
    }

    /// The broker with its password.
    func broker() throws -> BrokerAddress {
        try require(addresses.brokerURL, "broker", "MILLRACE_BROKER_URL")
        return try addresses.broker(environment)
    }

    /// The broker's management API.
    func management() throws -> ManagementAPI {
        try require(addresses.brokerAPI, "broker's management API", "MILLRACE_BROKER_API")
        return ManagementAPI(url: addresses.brokerAPI, as: try broker())
    }

    /// The broker's topology, over the management API.
    ///
    /// - Parameters:
    ///   - hosts: Those that run a lander; this one when there are none.
    ///   - passwords: Folder of the services' passwords; nil means the stack's own, if it has one.
    func topology(hosts: [String] = [], passwords: String? = nil) throws -> TopologyAPI {
        TopologyAPI(
            .millrace(hosts: hosts.isEmpty ? [addresses.host] : hosts), over: try management(),
            virtualHost: try broker().virtualHost,
            passwords: (passwords ?? addresses.brokerPasswords).map(PasswordFolder.init))
    }

    /// The object store.
    // Not inlined: the optimiser of Swift 6.3 crashes on a typed error that becomes an untyped one
    // inside an async function.
    @inline(never)
    func lake() throws -> any ObjectStore {
        try require(addresses.lake, "lake", "MILLRACE_LAKE")
        return try LakeAddress.open(addresses.lake)
    }

    /// The applied pipelines.
    func catalog() throws -> PipelineCatalog { PipelineCatalog(lake: try lake()) }

    /// ` --data DIR`, or nothing for the default folder.
    static func dataFlag(_ arguments: Arguments) -> String {
        arguments.value("data").map { " --data \($0)" } ?? ""
    }

    private func require(_ url: String, _ what: String, _ variable: String) throws {
        guard url.isEmpty else { return }
        throw CommandError(
            "no stack runs in \(folder.path), and \(variable) names no \(what)",
            try: "millrace up --detach\(dataFlag)")
    }
}
