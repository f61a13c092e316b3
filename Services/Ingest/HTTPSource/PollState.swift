import Events
import Foundation
import Pipelines

/// How far an HTTP source has been read: kept in the spool with each segment.
struct PollState: Codable, Equatable {
    /// A record that may be given once more.
    struct Sighting: Codable, Equatable {
        /// The first half of the SHA-256 of its bytes, in hexadecimal digits.
        var digest: String
        /// Its cursor's value.
        var value: String?
    }

    /// Where a poll goes on.
    enum Page: Codable, Equatable {
        case first
        case url(String)
        case bookmark(String)
        case number(Int)
        case offset(Int)
    }

    /// Which cursor `newest` and `floor` are values of.
    var cursor: HTTPCursor?
    /// The cursor's newest value.
    var newest: String?
    /// Where the poll that is under way began; what is older was there before.
    var floor: String?
    /// The page that is next; nil between polls.
    var page: Page?
    /// What earlier polls have given and the source may give once more.
    var known: [Sighting] = []
    /// What the poll that is under way has given of that kind.
    var fresh: [Sighting] = []
    /// Of the last full extract.
    var digest: String?
    /// Records of it for which another call is still to be made.
    var items: [PollItem] = []

    /// - Parameter text: What was kept; nil for a source that was never asked.
    init(_ text: String?, for source: HTTPSource) throws {
        self.init()
        if let text { self = try EventJSON.decode(Self.self, from: Data(text.utf8)) }
        if cursor?.field != source.cursor?.field || cursor?.type != source.cursor?.type {
            self = Self()
        }
        cursor = source.cursor
    }

    private init() {}

    /// A place in the pages of a call that has nothing else to remember.
    init(at page: Page?) {
        self.page = page ?? .first
    }

    var text: String {
        get throws { String(decoding: try EventJSON.encode(self), as: UTF8.self) }
    }

    /// A poll begins.
    mutating func begin() {
        page = .first
        floor = newest ?? cursor?.start
        fresh = []
    }

    /// All pages have been read.
    mutating func end() {
        page = nil
        floor = nil
        // A source may give nothing at one time and the same as before at another.
        if cursor != nil {
            known = Array(inReach(known + fresh).suffix(Self.limit))
        } else if !fresh.isEmpty {
            known = fresh
        }
        fresh = []
    }

    /// Of records remembered; those beyond it may be taken again.
    static let limit = 20_000

    /// Those that are as new as the next poll's floor.
    func inReach(_ sightings: [Sighting]) -> [Sighting] {
        guard let cursor, let newest = newest.flatMap({ CursorValue($0, cursor.type) }) else {
            return sightings
        }
        let floor = newest.earlier(byMilliseconds: cursor.lagMilliseconds)
        return sightings.filter { sighting in
            guard let value = sighting.value.flatMap({ CursorValue($0, cursor.type) }) else {
                return true
            }
            return !(value < floor)
        }
    }
}
