/* What a plain C program does with RabbitMQ through the same C library: the yardstick for
 * Millrace's own publisher and consumer.
 *
 *   plain-rabbit publish COUNT WINDOW    persistent, mandatory, confirmed events of 1 kB
 *   plain-rabbit consume COUNT PREFETCH  each acknowledged, many with one acknowledgement
 *
 * PLAIN_RABBIT_URL says where. It prints `<seconds> <CPU seconds>` of the work itself. The events
 * have the headers and the sizes of Millrace's, so that both send the same bytes.
 */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { CHANNEL = 1, BODY_BYTES = 1024, HEADERS = 10 };
static const char exchange[] = "millrace.events";
static const char routing_key[] = "object.landed.goodreads.reviews";
static const char queue[] = "millrace.transformer.work";

static void fail(const char *what) {
    fprintf(stderr, "plain-rabbit: %s\n", what);
    exit(1);
}

static void check(amqp_rpc_reply_t reply, const char *what) {
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail(what);
}

static double seconds(struct timespec time) { return time.tv_sec + time.tv_nsec / 1e9; }

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return seconds(time);
}

static double cpu(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return seconds(time);
}

static amqp_connection_state_t connect_to(char *url) {
    struct amqp_connection_info info;
    if (amqp_parse_url(url, &info) != AMQP_STATUS_OK) fail("PLAIN_RABBIT_URL is malformed");
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    if (socket == NULL || amqp_socket_open(socket, info.host, info.port) != AMQP_STATUS_OK)
        fail("cannot connect");
    check(amqp_login(connection, info.vhost, 0, AMQP_DEFAULT_FRAME_SIZE, 10,
                     AMQP_SASL_METHOD_PLAIN, info.user, info.password), "cannot log in");
    amqp_channel_open(connection, CHANNEL);
    check(amqp_get_rpc_reply(connection), "cannot open a channel");
    return connection;
}

static void text(amqp_table_entry_t *header, const char *name, const char *value) {
    header->key = amqp_cstring_bytes(name);
    header->value.kind = AMQP_FIELD_KIND_UTF8;
    header->value.value.bytes = amqp_cstring_bytes(value);
}

/* Reads until a confirm has come; returns the highest number that is confirmed now. RabbitMQ
 * confirms one channel's messages to one quorum queue in order. */
static long read_confirm(amqp_connection_state_t connection, long confirmed) {
    amqp_frame_t frame;
    if (amqp_simple_wait_frame(connection, &frame) != AMQP_STATUS_OK) fail("cannot read");
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
        fail("the broker said something else than a confirm");
    amqp_basic_ack_t *ack = frame.payload.method.decoded;
    if ((long)ack->delivery_tag > confirmed) confirmed = (long)ack->delivery_tag;
    amqp_maybe_release_buffers(connection);
    return confirmed;
}

static void publish(amqp_connection_state_t connection, long count, long window) {
    static char body[BODY_BYTES];
    memset(body, 'x', sizeof body);
    char id[27];
    amqp_table_entry_t headers[HEADERS];
    text(&headers[0], "cloudEvents:specversion", "1.0");
    text(&headers[1], "cloudEvents:id", id);
    text(&headers[2], "cloudEvents:type", "io.millrace.object.landed.v1");
    text(&headers[3], "cloudEvents:source", "/millrace/bench/here");
    text(&headers[4], "cloudEvents:time", "2026-01-01T00:00:00.000Z");
    text(&headers[5], "cloudEvents:subject", "goodreads/reviews");
    text(&headers[6], "cloudEvents:pipeline", "goodreads");
    text(&headers[7], "cloudEvents:dataset", "reviews");
    text(&headers[8], "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    text(&headers[9], "millrace-causation-id", "01ARZ3NDEKTSV4RRFFQ69G5FAV");
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_HEADERS_FLAG
            | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG,
        .content_type = amqp_cstring_bytes("application/json"),
        .headers = {.num_entries = HEADERS, .entries = headers},
        .delivery_mode = 2,
    };
    amqp_confirm_select(connection, CHANNEL);
    check(amqp_get_rpc_reply(connection), "cannot select confirms");
    long confirmed = 0;
    for (long sent = 0; sent < count; sent++) {
        while (sent - confirmed >= window) confirmed = read_confirm(connection, confirmed);
        snprintf(id, sizeof id, "%026ld", sent);
        headers[1].value.value.bytes = amqp_cstring_bytes(id);
        properties.message_id = amqp_cstring_bytes(id);
        amqp_bytes_t bytes = {.len = sizeof body, .bytes = body};
        if (amqp_basic_publish(connection, CHANNEL, amqp_cstring_bytes(exchange),
                               amqp_cstring_bytes(routing_key), 1, 0, &properties, bytes)
            != AMQP_STATUS_OK)
            fail("cannot publish");
    }
    while (confirmed < count) confirmed = read_confirm(connection, confirmed);
}

static void consume(amqp_connection_state_t connection, long count, long prefetch) {
    amqp_basic_qos(connection, CHANNEL, 0, (uint16_t)prefetch, 0);
    check(amqp_get_rpc_reply(connection), "cannot limit the prefetch");
    amqp_basic_consume(connection, CHANNEL, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 0, 0,
                       amqp_empty_table);
    check(amqp_get_rpc_reply(connection), "cannot consume");
    uint64_t acknowledged = 0;
    for (long got = 1; got <= count; got++) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        check(amqp_consume_message(connection, &envelope, NULL, 0), "cannot take a message");
        uint64_t tag = envelope.delivery_tag;
        amqp_destroy_envelope(&envelope);
        /* When all that has arrived is dealt with, or a quarter of the prefetch is. */
        int is_last = got == count
            || (!amqp_data_in_buffer(connection) && !amqp_frames_enqueued(connection));
        if (is_last || tag - acknowledged >= (uint64_t)(prefetch + 3) / 4) {
            if (amqp_basic_ack(connection, CHANNEL, tag, 1) != 0) fail("cannot acknowledge");
            acknowledged = tag;
        }
    }
}

int main(int argc, char **argv) {
    char *url = getenv("PLAIN_RABBIT_URL");
    if (url == NULL || argc != 4) fail("PLAIN_RABBIT_URL=… plain-rabbit publish|consume COUNT N");
    amqp_connection_state_t connection = connect_to(url);
    double began = now(), used = cpu();
    if (strcmp(argv[1], "publish") == 0) publish(connection, atol(argv[2]), atol(argv[3]));
    else consume(connection, atol(argv[2]), atol(argv[3]));
    printf("%.6f %.6f\n", now() - began, cpu() - used);
    check(amqp_connection_close(connection, AMQP_REPLY_SUCCESS), "cannot close");
    amqp_destroy_connection(connection);
    return 0;
}
