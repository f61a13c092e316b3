import CRabbitMQ

/// An open, logged-in connection of the C library with one channel.
struct RabbitHandle: ~Copyable {
    /// How long the parts of opening and each request may take.
    struct Limits {
        var connectMilliseconds = 5_000
        var requestMilliseconds = 10_000
        var heartbeatSeconds: Int32 = 10
    }

    let state: amqp_connection_state_t

    /// The socket.
    var descriptor: Int32 { amqp_get_sockfd(state) }

    /// The only channel: two on one connection would wait for each other.
    static let channel: amqp_channel_t = 1

    init(_ address: BrokerAddress, name: String, limits: Limits = Limits()) throws(BrokerError) {
        guard let state = amqp_new_connection() else { preconditionFailure("out of memory") }
        self.state = state
        try open(address, limits)
        try logIn(address, name: name, limits)
        amqp_channel_open(state, Self.channel)
        if let error = BrokerError(amqp_get_rpc_reply(state), during: "open a channel") {
            throw error
        }
    }

    deinit {
        amqp_destroy_connection(state)
    }

    /// How long each request may take from now on.
    func limitRequests(milliseconds: Int) {
        var time = rabbitmq_time(milliseconds)
        amqp_set_rpc_timeout(state, &time)
    }

    private func open(_ address: BrokerAddress, _ limits: Limits) throws(BrokerError) {
        let socket =
            address.usesTLS
            ? try RabbitTLS.socket(on: state, for: address) : amqp_tcp_socket_new(state)
        guard let socket else { preconditionFailure("out of memory") }
        var time = rabbitmq_time(limits.connectMilliseconds)
        let status = amqp_socket_open_noblock(socket, address.host, Int32(address.port), &time)
        guard status == AMQP_STATUS_OK.rawValue else {
            throw BrokerError(status: status, during: "connect to \(address.host):\(address.port)")
        }
    }

    private func logIn(
        _ address: BrokerAddress, name: String, _ limits: Limits
    ) throws(BrokerError) {
        var time = rabbitmq_time(limits.requestMilliseconds)
        amqp_set_handshake_timeout(state, &time)
        limitRequests(milliseconds: limits.requestMilliseconds)
        let memory = WireMemory()
        var properties = memory.table(ClientProperties.table(connectionName: name))
        let reply = rabbitmq_login_plain(
            state, address.virtualHost, 0, Int32(AMQP_DEFAULT_FRAME_SIZE), limits.heartbeatSeconds,
            &properties, address.user, address.password)
        guard let error = BrokerError(reply, during: "log in as \(address)") else { return }
        throw error.replyCode == 403 ? error.adding(address.loginHint) : error
    }
}
