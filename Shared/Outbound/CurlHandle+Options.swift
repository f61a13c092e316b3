import CCurl

extension CurlHandle {
    /// What every transfer needs, whatever the protocol.
    func setCommonOptions(
        protocols: String, timeout: Duration, certificateAuthorities: String?
    ) throws(OutboundError) {
        try set(CURLOPT_PROTOCOLS_STR, protocols)
        // A proxy from the environment would hide the true address from the guard.
        try set(CURLOPT_PROXY, "")
        // Timeouts without signals, which would hit any thread.
        try set(CURLOPT_NOSIGNAL, 1)
        let milliseconds = max(1, Int(timeout / .milliseconds(1)))
        try set(CURLOPT_TIMEOUT_MS, milliseconds)
        try set(CURLOPT_CONNECTTIMEOUT_MS, min(milliseconds, 10_000))
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        if let certificateAuthorities { try set(CURLOPT_CAINFO, certificateAuthorities) }
    }

    /// Ends a transfer that brings less than ten bytes a second for so long.
    func setStallTimeout(_ time: Duration) throws(OutboundError) {
        try set(CURLOPT_LOW_SPEED_LIMIT, 10)
        try set(CURLOPT_LOW_SPEED_TIME, max(1, Int(time / .seconds(1))))
    }
}

extension CURLcode {
    /// The error of a transfer that ended with this code.
    func error(target: String, _ transfer: Transfer) -> any Error {
        let words = String(cString: curl_easy_strerror(self))
        switch self {
        case CURLE_ABORTED_BY_CALLBACK:
            if !transfer.isStopped, let refusal = transfer.refusal {
                return OutboundError(.guarded, target, refusal)
            }
            return CancellationError()
        case CURLE_COULDNT_CONNECT:
            // The guard's refusal and the peer's look the same to libcurl.
            if let refusal = transfer.refusal { return OutboundError(.guarded, target, refusal) }
            return OutboundError(.unreachable, target, words)
        case CURLE_OPERATION_TIMEDOUT:
            return OutboundError(.timedOut, target, words)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_USE_SSL_FAILED, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR:
            return OutboundError(.untrusted, target, words)
        // An answer that is no HTTP is an unsupported protocol too: the URL's own was looked at.
        case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT:
            return OutboundError(.invalid, target, words)
        default:
            return OutboundError(.unreachable, target, words)
        }
    }
}
