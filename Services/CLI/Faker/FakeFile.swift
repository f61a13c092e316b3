import Events
import Foundation

/// One of the four files, written in pieces; it knows its answers when it is done.
struct FakeFile: ~Copyable {
    let table: FakeTable
    private let name: String
    private let handle: FileHandle
    private var digest = SHA256()
    private var bytes = 0
    private var buffer: RowBuffer
    private var rejected: [String: Int] = [:]
    private(set) var winners: FakeWinners

    /// Creates the file, or empties it.
    init(
        _ table: FakeTable, of world: FakeWorld, format: FakeFormat, in folder: URL
    ) throws {
        self.table = table
        name = "\(table.fileName).\(format.rawValue)"
        let url = folder.appending(path: name)
        try Data().write(to: url)
        handle = try FileHandle(forWritingTo: url)
        buffer = RowBuffer(fields: table.fields, format: format)
        winners = FakeWinners(largestID: world.largestID(table))
    }

    mutating func write(_ row: FakeRow, of world: FakeWorld) throws {
        switch table {
        case .authors: FakeAuthor(world: world).write(row, to: &buffer)
        case .books: FakeBook(world: world).write(row, to: &buffer)
        case .reviews: FakeReview(world: world).write(row, to: &buffer)
        case .users: FakeUser(world: world).write(row, to: &buffer)
        }
        if let reason = row.fault?.rejection {
            rejected[reason, default: 0] += 1
        } else {
            winners.take(row)
        }
        if buffer.isFull { try flush() }
    }

    /// Writes what is left and closes the file.
    consuming func finish(_ world: FakeWorld) throws -> FakeAnswers.Table {
        try flush()
        try handle.close()
        var answers = FakeAnswers.Table(
            file: name, bytes: bytes, sha256: digest.finish(), read: buffer.rows,
            rejected: rejected, winners: 0, stamps: 0, content: 0)
        switch table {
        case .authors: answers.add(winners, content: FakeAuthor(world: world).content)
        case .books: answers.add(winners, content: FakeBook(world: world).content)
        case .reviews: answers.add(winners, content: FakeReview(world: world).content)
        case .users: answers.add(winners, content: FakeUser(world: world).content)
        }
        return answers
    }

    private mutating func flush() throws {
        buffer.bytes.withUnsafeBytes { digest.update($0) }
        try handle.write(contentsOf: Data(buffer.bytes))
        bytes += buffer.bytes.count
        buffer.removeBytes()
    }
}
