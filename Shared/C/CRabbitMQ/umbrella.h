#pragma once
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

/* Variadic in the library, so Swift cannot call it. */
static inline amqp_rpc_reply_t rabbitmq_login_plain(
    amqp_connection_state_t connection, const char *vhost, int channel_max, int frame_max,
    int heartbeat_seconds, const amqp_table_t *properties, const char *user, const char *password) {
    return amqp_login_with_properties(
        connection, vhost, channel_max, frame_max, heartbeat_seconds, properties,
        AMQP_SASL_METHOD_PLAIN, user, password);
}

/* Swift gives struct timeval to whichever module includes it first, so it is made here. */
static inline struct timeval rabbitmq_time(long milliseconds) {
    return (struct timeval){milliseconds / 1000, milliseconds % 1000 * 1000};
}

/* tcp(7): Swift does not see the option's name. A socket that is not TCP has no need of it. */
static inline void rabbitmq_cork(int descriptor, int is_corked) {
    setsockopt(descriptor, IPPROTO_TCP, TCP_CORK, &is_corked, sizeof is_corked);
}
