import CRabbitMQ
import Foundation

// Copies out of the C library's buffers, which the next call overwrites.

extension Data {
    init(copying bytes: amqp_bytes_t) {
        self = bytes.bytes.map { Data(bytes: $0, count: bytes.len) } ?? Data()
    }
}

extension String {
    init(copying bytes: amqp_bytes_t) {
        self.init(
            decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}

extension [String: FieldValue] {
    init(copying table: amqp_table_t) {
        let entries = UnsafeBufferPointer(start: table.entries, count: Int(table.num_entries))
        self.init(minimumCapacity: entries.count)
        for entry in entries.reversed() {
            // The first of two with the same name counts.
            self[HeaderName.text(entry.key)] = FieldValue(copying: entry.value)
        }
    }
}

extension FieldValue {
    init(copying field: amqp_field_value_t) {
        let value = field.value
        switch amqp_field_value_kind_t(UInt32(field.kind)) {
        case AMQP_FIELD_KIND_UTF8, AMQP_FIELD_KIND_BYTES: self = .text(String(copying: value.bytes))
        case AMQP_FIELD_KIND_BOOLEAN: self = .flag(value.boolean != 0)
        case AMQP_FIELD_KIND_I8: self = .number(Int(value.i8))
        case AMQP_FIELD_KIND_U8: self = .number(Int(value.u8))
        case AMQP_FIELD_KIND_I16: self = .number(Int(value.i16))
        case AMQP_FIELD_KIND_U16: self = .number(Int(value.u16))
        case AMQP_FIELD_KIND_I32: self = .number(Int(value.i32))
        case AMQP_FIELD_KIND_U32: self = .number(Int(value.u32))
        case AMQP_FIELD_KIND_I64: self = .number(Int(value.i64))
        case AMQP_FIELD_KIND_U64, AMQP_FIELD_KIND_TIMESTAMP:
            self = .number(Int(clamping: value.u64))
        case AMQP_FIELD_KIND_TABLE: self = .table([String: FieldValue](copying: value.table))
        case AMQP_FIELD_KIND_ARRAY:
            let entries = UnsafeBufferPointer(
                start: value.array.entries, count: Int(value.array.num_entries))
            self = .list(entries.map(FieldValue.init(copying:)))
        default: self = .other
        }
    }
}

extension Message {
    /// Reads the properties of a content header; the body follows in frames of its own.
    init(copying properties: amqp_basic_properties_t) {
        self.init(
            id: properties.text(\.message_id, AMQP_BASIC_MESSAGE_ID_FLAG),
            contentType: properties.text(\.content_type, AMQP_BASIC_CONTENT_TYPE_FLAG),
            headers: properties.has(AMQP_BASIC_HEADERS_FLAG)
                ? [String: FieldValue](copying: properties.headers) : [:],
            body: Data())
    }
}

extension amqp_basic_properties_t {
    /// Whether the sender set a property. The library leaves whatever was in memory in the others.
    fileprivate func has(_ flag: Int32) -> Bool { _flags & amqp_flags_t(flag) != 0 }

    fileprivate func text(_ property: KeyPath<Self, amqp_bytes_t>, _ flag: Int32) -> String {
        has(flag) ? String(copying: self[keyPath: property]) : ""
    }
}
