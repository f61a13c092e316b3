import Broker
import Synchronization

/// Decides how many events the service has in hand at a time, and tells its consumer.
///
/// - None while a part has been away for long, and while the circuit breaker is open.
/// - One while the breaker probes, and while there come events that others were handed before
///   without an answer: one of them may be what ended those others. The broker charges a crash to
///   every event in hand, so nothing else is in hand while a suspect is handled, and only the
///   guilty one comes to the broker's delivery limit.
/// - Else as many as the settings allow.
actor IntakeGate {
    private let consumer: RabbitConsumer
    private let widest: Int
    private var breaker: CircuitBreaker
    private var isOutage = false
    /// One at a time, until an event comes that is no suspect. It begins so: after a crash the
    /// events that were in hand come first.
    private var isCareful = true
    /// A suspect came among others: nothing more is taken until all of them are answered.
    private var isClearing = false
    private var busy = 0
    private var suspects = 0
    private var line: [CheckedContinuation<Void, Never>] = []
    private var admitted: Int?
    private let open = Mutex<String?>(nil)

    /// - Parameter widest: The most events in hand.
    init(_ consumer: RabbitConsumer, widest: Int, breaker: CircuitBreaker) {
        self.consumer = consumer
        self.widest = widest
        self.breaker = breaker
    }

    /// Why the breaker is open; nil while it is closed.
    nonisolated var openReason: String? { open.withLock { $0 } }

    /// A part has been away for long, or is back.
    func hold(_ isOutage: Bool) async {
        self.isOutage = isOutage
        await apply()
    }

    /// Returns when the event may be handled; `leave` must follow.
    func enter(_ delivery: Delivery) async {
        guard delivery.isSuspect else {
            busy += 1
            if !isClearing { isCareful = false }
            return await apply()
        }
        suspects += 1
        isClearing = isClearing || busy > 0 || admitted != 1
        isCareful = true
        await apply()
        if busy == 0 {
            busy = 1
        } else {
            await withCheckedContinuation { line.append($0) }
        }
    }

    /// The event has its answer, or will get none from us.
    func leave(_ delivery: Delivery) async {
        if delivery.isSuspect { suspects -= 1 }
        busy -= 1
        guard busy == 0 else { return }
        if !line.isEmpty {
            busy = 1
            line.removeFirst().resume()
        } else if suspects == 0 {
            isClearing = false
            await apply()
        }
    }

    /// An event was handled.
    func succeeded() async {
        breaker.succeeded()
        open.withLock { $0 = nil }
        await apply()
    }

    /// An event failed with an error that may pass. When this opens the breaker, the consumer is
    /// stopped on return: an answer to the event brings no further one.
    ///
    /// - Returns: True when the failure shall not use up one of the event's attempts.
    func failed(_ id: String, _ reason: String) async -> Bool {
        let isSpared = breaker.failed(id, at: .now)
        if isSpared { open.withLock { $0 = reason } }
        await apply()
        return isSpared
    }

    /// Time has passed. The first look, before the consumer connects, tells it where to begin.
    func look() async {
        breaker.look(at: .now)
        await apply()
    }

    private var width: Int {
        guard !isOutage, !isClearing else { return 0 }
        return switch breaker.state {
        case .open: 0
        case .probing: 1
        case .closed: isCareful ? 1 : widest
        }
    }

    /// Others may change the width while the consumer is being told; the last one has its way.
    private func apply() async {
        while admitted != width {
            let width = width
            admitted = width
            await consumer.admit(width)
        }
    }
}

extension Delivery {
    /// True when it was handed out twice or more without an answer. One time is a restart or a lost
    /// connection. The broker's count is a hint for caution, never our count of tries.
    var isSuspect: Bool {
        // Where the broker does not count, any earlier delivery is reason enough.
        (message.headers["x-delivery-count"]?.number ?? (isRedelivered ? 2 : 0)) >= 2
    }
}
