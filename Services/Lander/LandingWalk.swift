import Events
import Lake

/// Goes through the landing zone in the order of its keys, a page at a time.
///
/// The lander's own keys of a day lie in one narrow range of ids. Of a range, a page is read, with
/// the oldest; the rest is passed over, however long it is: a batch takes its neighbours along, and
/// what others put there is before or behind. Only a full walk reads everything, and so finds the
/// odd file of somebody else's whose name sorts into such a range.
struct LandingWalk {
    private let lake: any ObjectStore
    private let isFull: Bool
    private var marker: String?
    private var isOver = false

    init(lake: any ObjectStore, isFull: Bool) {
        self.lake = lake
        self.isFull = isFull
    }

    /// The next objects; empty at the end.
    mutating func next() async throws -> [ObjectInfo] {
        guard !isOver else { return [] }
        // As many as S3 gives in one answer. A full walk asks for more, because a lake in a folder
        // reads all the folder's names for each page.
        let limit = isFull ? 20_000 : 1_000
        let page = try await lake.list(prefix: "\(Zone.landing)/", after: marker, limit: limit)
        isOver = page.count < limit
        marker = page.last.map { isFull ? $0.key : LakeKeys.endOfDay(ofLanded: $0.key) ?? $0.key }
        return page
    }

    /// Passes over what else is in a folder.
    mutating func skip(_ folder: LandingFolder) {
        // `0` is the character behind `/`: nothing of the folder sorts behind this.
        marker = folder.prefix.dropLast() + "0"
    }
}
