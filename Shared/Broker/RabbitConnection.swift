import CRabbitMQ
import Foundation

/// One connection to the broker with one channel, for one thread.
///
/// Every call blocks for a limited time. After a call has thrown, the connection is broken and
/// good for nothing but to be let go: the broker then hands its unacknowledged messages to others.
final class RabbitConnection {
    private let handle: RabbitHandle
    private let watchdog: SendWatchdog
    /// For what is sent most: taking and giving back a pool for each message costs more than
    /// filling it.
    private let memory = WireMemory()
    private var assembly: ContentAssembly?
    private var publishedTag: UInt64 = 0

    /// The socket, to wait for.
    var descriptor: Int32 { handle.descriptor }

    /// Connects and logs in.
    ///
    /// - Parameters:
    ///   - name: What the broker shows for it.
    ///   - sendLimit: The longest that a send may be stuck.
    ///   - limits: For requests, and how soon a dead connection is known for one.
    init(
        _ address: BrokerAddress, name: String, sendLimit: Duration = .seconds(10),
        limits: RabbitHandle.Limits = RabbitHandle.Limits()
    ) throws(BrokerError) {
        handle = try RabbitHandle(address, name: name, limits: limits)
        watchdog = SendWatchdog(over: handle.descriptor, limit: sendLimit)
        watchdog.start()
    }

    /// Asks the broker to confirm what is published from now on.
    func confirmPublishing() throws(BrokerError) {
        try ask("select confirms") { amqp_confirm_select($0, RabbitHandle.channel) }
    }

    /// Sends a message, persistent and mandatory; its confirm comes later, by the number of
    /// messages sent until now.
    ///
    /// - Returns: That number.
    @discardableResult
    func publish(_ posting: Posting) throws(BrokerError) -> UInt64 {
        memory.recycle()
        var properties = posting.message.properties(in: memory)
        let exchange = memory.bytes(posting.exchange)
        let key = memory.bytes(posting.routingKey)
        try send("publish to \(posting.exchange)") { state in
            posting.message.body.withUnsafeBytes { body in
                let bytes = amqp_bytes_t(
                    len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress))
                return amqp_basic_publish(
                    state, RabbitHandle.channel, exchange, key, 1, 0, &properties, bytes)
            }
        }
        publishedTag += 1
        return publishedTag
    }

    /// Asks for the messages of a queue, at most `prefetch` at a time without an answer.
    ///
    /// - Returns: The consumer's tag.
    func consume(_ queue: String, prefetch: UInt16) throws(BrokerError) -> String {
        let memory = WireMemory()
        let name = memory.bytes(queue)
        try ask("limit the prefetch") { amqp_basic_qos($0, RabbitHandle.channel, 0, prefetch, 0) }
        var tag = ""
        try ask("consume \(queue)") { state in
            let ok = amqp_basic_consume(
                state, RabbitHandle.channel, name, amqp_empty_bytes, 0, 0, 0, amqp_empty_table)
            if let ok { tag = String(copying: ok.pointee.consumer_tag) }
        }
        return tag
    }

    /// Ends a consumer; what it was handed stays ours to answer.
    func cancel(consumer tag: String) throws(BrokerError) {
        let memory = WireMemory()
        let name = memory.bytes(tag)
        try ask("cancel the consumer") { amqp_basic_cancel($0, RabbitHandle.channel, name) }
    }

    /// The message is dealt with.
    ///
    /// - Parameter all: Also every message before it that has no answer.
    func acknowledge(_ tag: UInt64, all: Bool = false) throws(BrokerError) {
        try send("acknowledge") { amqp_basic_ack($0, RabbitHandle.channel, tag, all ? 1 : 0) }
    }

    /// The message is not: it goes back to its queue, or where the queue's dead letters go.
    func reject(_ tag: UInt64, requeue: Bool) throws(BrokerError) {
        try send("reject") { amqp_basic_reject($0, RabbitHandle.channel, tag, requeue ? 1 : 0) }
    }

    /// Everything that was handed to us and has no answer yet goes back to its queue.
    func rejectAll() throws(BrokerError) {
        try send("give back") { amqp_basic_nack($0, RabbitHandle.channel, 0, 1, 1) }
    }

    /// - Returns: The number of messages ready in it.
    /// - Throws: `BrokerError` (topology) when the queue is not there.
    func check(queue: String) throws(BrokerError) -> Int { try look(at: queue).ready }

    /// - Returns: The number of its consumers.
    /// - Throws: `BrokerError` (topology) when the queue is not there.
    func consumers(of queue: String) throws(BrokerError) -> Int { try look(at: queue).consumers }

    private func look(
        at queue: String
    ) throws(BrokerError) -> (ready: Int, consumers: Int) {
        let memory = WireMemory()
        let name = memory.bytes(queue)
        var found = (ready: 0, consumers: 0)
        try ask("look for the queue \(queue)") { state in
            let ok = amqp_queue_declare(
                state, RabbitHandle.channel, name, 1, 1, 0, 0, amqp_empty_table)
            guard let ok = ok?.pointee else { return }
            found = (Int(ok.message_count), Int(ok.consumer_count))
        }
        return found
    }

    /// - Throws: `BrokerError` (topology) when the exchange is not there.
    func check(exchange: Topology.Exchange) throws(BrokerError) {
        let memory = WireMemory()
        let (name, kind) = (memory.bytes(exchange.name), memory.bytes(exchange.kind.rawValue))
        try ask("look for the exchange \(exchange.name)") { state in
            amqp_exchange_declare(
                state, RabbitHandle.channel, name, kind, 1, 1, 0, 0, amqp_empty_table)
        }
    }

    /// Takes one message out of a queue, or learns that there is none.
    func get(_ queue: String) throws(BrokerError) -> Incoming.Arrival? {
        let memory = WireMemory()
        let name = memory.bytes(queue)
        let reply = watchdog.guarding {
            amqp_basic_get(handle.state, RabbitHandle.channel, name, 0)
        }
        if let error = BrokerError(reply, during: "get from \(queue)") { throw error }
        guard reply.reply.id == AMQP_BASIC_GET_OK_METHOD else { return nil }
        assembly = ContentAssembly(got: reply.reply)
        while case let incoming? = try next(withinMilliseconds: 5_000) {
            if case .delivered(let arrival) = incoming { return arrival }
        }
        throw BrokerError(.timedOut, during: "get from \(queue)", "the message did not come")
    }

    /// What the broker has told us; nil when that is nothing for now. It also keeps the heart
    /// beating, so it must be called every few seconds.
    func next(withinMilliseconds limit: Int = 0) throws(BrokerError) -> Incoming? {
        while true {
            var frame = amqp_frame_t()
            var time = rabbitmq_time(limit)
            let status = watchdog.guarding {
                amqp_simple_wait_frame_noblock(handle.state, &frame, &time)
            }
            if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
            guard status == AMQP_STATUS_OK.rawValue else {
                throw BrokerError(status: status, during: "read")
            }
            defer { amqp_maybe_release_buffers(handle.state) }
            if let incoming = try take(frame) { return incoming }
        }
    }

    /// Holds back what is sent from now on, so that the kernel sends many small frames as one.
    func cork() { rabbitmq_cork(handle.descriptor, 1) }

    /// Sends what was held back.
    func uncork() { rabbitmq_cork(handle.descriptor, 0) }

    /// Says good-bye. Errors do not matter any more: the connection ends in any case, and a
    /// broker that has stopped reading is not waited for.
    func close() {
        handle.limitRequests(milliseconds: 2_000)
        _ = watchdog.guarding { amqp_connection_close(handle.state, AMQP_REPLY_SUCCESS) }
    }

    private func take(_ frame: amqp_frame_t) throws(BrokerError) -> Incoming? {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD: return try take(frame.payload.method)
        case AMQP_FRAME_HEADER:
            let header = frame.payload.properties
            guard let decoded = header.decoded else { return nil }
            let properties = decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee
            return assembly?.begin(Message(copying: properties), bodyBytes: header.body_size)
        case AMQP_FRAME_BODY: return assembly?.append(Data(copying: frame.payload.body_fragment))
        default: return nil
        }
    }

    private func take(_ method: amqp_method_t) throws(BrokerError) -> Incoming? {
        switch method.id {
        case AMQP_BASIC_DELIVER_METHOD, AMQP_BASIC_RETURN_METHOD:
            assembly = ContentAssembly(beginning: method)
            return nil
        case AMQP_CHANNEL_CLOSE_METHOD, AMQP_CONNECTION_CLOSE_METHOD:
            throw BrokerError(closing: method, during: "listen")
        default: return Incoming(method)
        }
    }

    private func send(
        _ operation: String, _ call: (amqp_connection_state_t) -> Int32
    ) throws(BrokerError) {
        let status = watchdog.guarding { call(handle.state) }
        guard status == AMQP_STATUS_OK.rawValue else {
            throw BrokerError(status: status, during: operation)
        }
    }

    private func ask<Answer>(
        _ operation: String, _ call: (amqp_connection_state_t) -> Answer
    ) throws(BrokerError) {
        _ = watchdog.guarding { call(handle.state) }
        if let error = BrokerError(amqp_get_rpc_reply(handle.state), during: operation) {
            throw error
        }
    }
}
