import COpenSSL
import CRabbitMQ
import Glibc

/// TLS towards the broker: 1.2 or newer, the certificate and the host name verified, always.
enum RabbitTLS {
    static func socket(
        on state: amqp_connection_state_t, for address: BrokerAddress
    ) throws(BrokerError) -> OpaquePointer? {
        guard let socket = amqp_ssl_socket_new(state) else { return nil }
        guard let context = amqp_ssl_socket_get_context(socket).map(OpaquePointer.init) else {
            return nil
        }
        amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
        amqp_ssl_socket_set_verify_peer(socket, 1)
        try trust(address, socket, context)
        if isNumeric(address.host) {
            // The library compares names only; OpenSSL itself also knows addresses.
            amqp_ssl_socket_set_verify_hostname(socket, 0)
            X509_VERIFY_PARAM_set1_ip_asc(SSL_CTX_get0_param(context), address.host)
        } else {
            amqp_ssl_socket_set_verify_hostname(socket, 1)
        }
        return socket
    }

    private static func trust(
        _ address: BrokerAddress, _ socket: OpaquePointer, _ context: OpaquePointer
    ) throws(BrokerError) {
        // Without an authority the library trusts nobody, not even the system's.
        let isLoaded =
            if let path = address.certificateAuthority {
                amqp_ssl_socket_set_cacert(socket, path) == AMQP_STATUS_OK.rawValue
            } else {
                SSL_CTX_set_default_verify_paths(context) == 1
            }
        guard isLoaded else {
            let path = address.certificateAuthority ?? "the system's certificates"
            throw BrokerError(
                .refused, during: "prepare TLS", "\(path) cannot be read as PEM certificates")
        }
    }

    private static func isNumeric(_ host: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
    }
}
