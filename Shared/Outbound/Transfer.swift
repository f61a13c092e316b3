import CCurl
import Foundation
import Glibc
import Synchronization

/// What libcurl's callbacks read and write during one transfer. It stays on the handle's lane.
final class Transfer {
    private let addresses: AddressGuard
    private let isEncrypted: Bool
    private let bodyLimitBytes: Int
    private let sink: (any HTTPBodySink)?
    private let stop: StopFlag
    private var upload: Data
    /// As they came, without line ends; only of the last answer.
    private(set) var headerLines: [String] = []
    private(set) var body = Data()
    private(set) var isTruncated = false
    /// Why the sink took no more.
    private(set) var sinkFailure: (any Error)?
    /// Why the guard refused the last address that it refused.
    private(set) var refusal: String?

    init(
        guardedBy addresses: AddressGuard, isEncrypted: Bool, bodyLimitBytes: Int,
        upload: Data = Data(), sink: (any HTTPBodySink)? = nil, stop: StopFlag
    ) {
        self.addresses = addresses
        self.isEncrypted = isEncrypted
        self.bodyLimitBytes = bodyLimitBytes
        self.upload = upload
        self.sink = sink
        self.stop = stop
    }

    /// The status line of an answer comes before its body.
    private var isSuccess: Bool {
        headerLines.first?.split(separator: " ").dropFirst().first?.hasPrefix("2") ?? false
    }

    var isStopped: Bool { stop.isSet }

    fileprivate func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if let sink, isSuccess {
            do { try sink.take(bytes) } catch { sinkFailure = error }
            return sinkFailure == nil
        }
        let room = bodyLimitBytes - body.count
        body.append(contentsOf: bytes.prefix(room))
        isTruncated = bytes.count > room
        return !isTruncated
    }

    fileprivate func receive(headerLine bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        if line.hasPrefix("HTTP/") { headerLines = [] }
        // An answer has a handful; the limit is against one that never ends.
        if headerLines.count < 200 { headerLines.append(line) }
    }

    fileprivate func send(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = upload.copyBytes(to: buffer)
        upload = upload.dropFirst(count)
        return count
    }

    fileprivate func mayConnect(to address: IPAddress, port: Int) -> Bool {
        switch addresses.judge(address, port: port, isEncrypted: isEncrypted) {
        case .allowed:
            return true
        case .refused(let reason):
            refusal = reason
            return false
        }
    }
}

/// Set from any thread when nobody waits for the transfer any more.
final class StopFlag: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}

// The callbacks. The context is the `Transfer`, which whoever called `perform()` keeps alive
// until it returns.

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer = transfer(context) else { return 0 }
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    // Any other count than the given one ends the transfer.
    return transfer.receive(buffer) ? buffer.count : 0
}

func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    transfer(context)?.receive(headerLine: buffer)
    return buffer.count
}

func sendBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return transfer(context)?.send(into: buffer) ?? 0
}

func openSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let transfer = transfer(context), let address else { return CURL_SOCKET_BAD }
    // `addr` is the first part of a longer address where the family needs one.
    let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 0
    let bytes = UnsafeRawBufferPointer(
        start: UnsafeRawPointer(address) + offset, count: Int(address.pointee.addrlen))
    let family = address.pointee.family
    var port = 0
    guard let peer = IPAddress(family: family, socketAddress: bytes, port: &port),
        transfer.mayConnect(to: peer, port: port)
    else { return CURL_SOCKET_BAD }
    return socket(family, address.pointee.socktype | closeOnExec, address.pointee.`protocol`)
}

/// A connection that was opened for another request is judged again for this one.
func beforeRequest(
    _ context: UnsafeMutableRawPointer?, _ peer: UnsafeMutablePointer<CChar>?,
    _ own: UnsafeMutablePointer<CChar>?, _ peerPort: Int32, _ ownPort: Int32
) -> Int32 {
    guard let transfer = transfer(context), let peer,
        let address = IPAddress(String(cString: peer)),
        transfer.mayConnect(to: address, port: Int(peerPort))
    else { return CURL_PREREQFUNC_ABORT }
    return CURL_PREREQFUNC_OK
}

func progress(
    _ context: UnsafeMutableRawPointer?, _ toReceive: curl_off_t, _ received: curl_off_t,
    _ toSend: curl_off_t, _ sent: curl_off_t
) -> Int32 {
    transfer(context)?.isStopped == true ? 1 : 0
}

private let closeOnExec = Int32(SOCK_CLOEXEC.rawValue)
