/// What the spool knows of a segment.
public enum SegmentState: Sendable, Equatable {
    /// Its bytes are here.
    case whole(Segment)
    /// Its bytes have gone to the lake; nobody has confirmed that this was told.
    case moved
    /// It is in the lake and told of.
    case finished
    /// Nothing: it was never here, or so long ago that it is forgotten.
    case unknown
}
