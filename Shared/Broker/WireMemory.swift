import CRabbitMQ
import Foundation

/// Memory for what one call of the C library reads; freed, or used again, all at once.
struct WireMemory: ~Copyable {
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        pool = .allocate(capacity: 1)
        init_amqp_pool(pool, 4096)
    }

    deinit {
        empty_amqp_pool(pool)
        pool.deallocate()
    }

    /// Begins again: what it gave out before is void.
    func recycle() {
        recycle_amqp_pool(pool)
    }

    func bytes(_ text: String) -> amqp_bytes_t {
        // The pool gives nothing for nothing, and an empty value needs no memory.
        let count = text.utf8.count
        guard count > 0 else { return amqp_empty_bytes }
        let room = UnsafeMutableRawBufferPointer(start: raw(count), count: count)
        // A plain Swift string has its bytes in one piece; only a bridged one has not.
        let isCopied: Void? = text.utf8.withContiguousStorageIfAvailable {
            room.copyMemory(from: UnsafeRawBufferPointer($0))
        }
        if isCopied == nil { room.copyBytes(from: text.utf8) }
        return amqp_bytes_t(len: count, bytes: room.baseAddress)
    }

    func table(_ values: [String: FieldValue]) -> amqp_table_t {
        guard !values.isEmpty else { return amqp_empty_table }
        let entries = array(of: amqp_table_entry_t.self, values.count)
        for (index, (key, value)) in values.enumerated() {
            entries[index] = amqp_table_entry_t(key: bytes(key), value: field(value))
        }
        return amqp_table_t(num_entries: Int32(values.count), entries: entries)
    }

    private func field(_ value: FieldValue) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        switch value {
        case .text(let text):
            field.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            field.value.bytes = bytes(text)
        case .number(let number):
            field.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
            field.value.i64 = Int64(number)
        case .flag(let flag):
            field.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
            field.value.boolean = flag ? 1 : 0
        case .table(let values):
            field.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
            field.value.table = table(values)
        case .list(let values):
            field.kind = UInt8(AMQP_FIELD_KIND_ARRAY.rawValue)
            field.value.array = list(values)
        case .other:
            field.kind = UInt8(AMQP_FIELD_KIND_VOID.rawValue)
        }
        return field
    }

    private func list(_ values: [FieldValue]) -> amqp_array_t {
        guard !values.isEmpty else { return amqp_empty_array }
        let entries = array(of: amqp_field_value_t.self, values.count)
        for (index, value) in values.enumerated() { entries[index] = field(value) }
        return amqp_array_t(num_entries: Int32(values.count), entries: entries)
    }

    private func array<Element>(
        of type: Element.Type, _ count: Int
    ) -> UnsafeMutablePointer<Element> {
        raw(count * MemoryLayout<Element>.stride).bindMemory(to: Element.self, capacity: count)
    }

    private func raw(_ count: Int) -> UnsafeMutableRawPointer {
        guard let room = amqp_pool_alloc(pool, count) else { preconditionFailure("out of memory") }
        return room
    }
}
