import CCurl
import Foundation

/// A libcurl easy handle; it keeps its connections open from one transfer to the next.
struct CurlHandle: ~Copyable {
    private let raw: UnsafeMutableRawPointer

    init() {
        _ = Self.library
        guard let raw = curl_easy_init() else { preconditionFailure("out of memory") }
        self.raw = raw
    }

    deinit { curl_easy_cleanup(raw) }

    /// Forgets all options, not the connections.
    func reset() { curl_easy_reset(raw) }

    func set(_ option: CURLoption, _ value: Int) throws(OutboundError) {
        try check(curl_set_long(raw, option, value), option)
    }

    /// libcurl keeps a copy of the text.
    func set(_ option: CURLoption, _ value: String) throws(OutboundError) {
        try check(curl_set_string(raw, option, value), option)
    }

    /// What the pointer points to must live until the transfer is over.
    func set(_ option: CURLoption, _ value: UnsafeRawPointer?) throws(OutboundError) {
        try check(curl_set_pointer(raw, option, value), option)
    }

    func set(_ option: CURLoption, _ lines: borrowing CurlLines) throws(OutboundError) {
        try check(curl_set_pointer(raw, option, lines.first), option)
    }

    /// A body for POST and PUT, of which libcurl keeps a copy.
    func setBody(_ body: Data) throws(OutboundError) {
        try set(CURLOPT_POST, 1)
        try set(CURLOPT_POSTFIELDSIZE, body.count)
        // One byte more, not sent: without an address libcurl would read standard input.
        let bytes = Array(body) + [0]
        let result = bytes.withUnsafeBytes {
            curl_set_pointer(raw, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)
        }
        try check(result, CURLOPT_COPYPOSTFIELDS)
    }

    /// Has the callbacks of `Transfer` called with this one.
    func attach(_ transfer: Transfer) throws(OutboundError) {
        let context = UnsafeRawPointer(Unmanaged.passUnretained(transfer).toOpaque())
        try check(
            curl_set_transfer(raw, CURLOPT_WRITEFUNCTION, receiveBody), CURLOPT_WRITEFUNCTION)
        try set(CURLOPT_WRITEDATA, context)
        try check(
            curl_set_transfer(raw, CURLOPT_HEADERFUNCTION, receiveHeader), CURLOPT_HEADERFUNCTION)
        try set(CURLOPT_HEADERDATA, context)
        try check(curl_set_transfer(raw, CURLOPT_READFUNCTION, sendBody), CURLOPT_READFUNCTION)
        try set(CURLOPT_READDATA, context)
        try check(curl_set_open_socket(raw, openSocket), CURLOPT_OPENSOCKETFUNCTION)
        try set(CURLOPT_OPENSOCKETDATA, context)
        try check(curl_set_prerequisite(raw, beforeRequest), CURLOPT_PREREQFUNCTION)
        try set(CURLOPT_PREREQDATA, context)
        try check(curl_set_progress(raw, progress), CURLOPT_XFERINFOFUNCTION)
        try set(CURLOPT_XFERINFODATA, context)
        try set(CURLOPT_NOPROGRESS, 0)
    }

    /// Blocks until the transfer is over.
    func perform() -> CURLcode { curl_easy_perform(raw) }

    /// The last status or reply code; 0 when there was none.
    var responseCode: Int {
        var code = 0
        return curl_get_long(raw, CURLINFO_RESPONSE_CODE, &code) == CURLE_OK ? code : 0
    }

    private func check(_ result: CURLcode, _ option: CURLoption) throws(OutboundError) {
        guard result == CURLE_OK else {
            throw OutboundError(
                .invalid, "libcurl",
                "option \(option.rawValue): \(String(cString: curl_easy_strerror(result)))")
        }
    }

    /// libcurl is set up once for the process, before the first handle.
    private static let library: Void = {
        let result = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        precondition(result == CURLE_OK, "libcurl cannot start")
    }()
}

/// A list of lines as libcurl wants it.
struct CurlLines: ~Copyable {
    let first: UnsafeMutablePointer<curl_slist>?

    init(_ lines: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                preconditionFailure("out of memory")
            }
            list = longer
        }
        first = list
    }

    deinit { curl_slist_free_all(first) }
}
