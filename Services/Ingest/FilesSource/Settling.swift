import Files
import Foundation

/// Tells when a file that a look at its folder found is whole.
struct Settling {
    enum Verdict: Equatable {
        case settled
        case wait(Duration)
    }

    private struct Sight {
        let info: FileInfo
        let at: ContinuousClock.Instant
    }

    private var sights: [String: Sight] = [:]

    /// Judges a file by what was seen of it before.
    ///
    /// It is settled when it has not changed for `settle`: between two looks, or, where the kernel
    /// says that nobody writes to it, by its modification time. An empty file has to be seen twice:
    /// it is often made first and written later.
    mutating func judge(
        _ path: String, _ info: FileInfo, writers: OpenFile.Writers, settle: Duration,
        now: Date = Date(), at instant: ContinuousClock.Instant = .now
    ) -> Verdict {
        guard writers != .present, let before = sights[path], info.isUnchanged(since: before.info)
        else {
            sights[path] = Sight(info: info, at: instant)
            let age = Duration.seconds(now.timeIntervalSince(info.modifiedAt))
            let isProven = writers == .absent && info.bytes > 0 && age >= settle
            return isProven ? .settled : .wait(settle)
        }
        let rest = settle - before.at.duration(to: instant)
        return rest <= .zero ? .settled : .wait(rest)
    }

    /// Forgets files that are not there any more.
    mutating func keep(_ paths: Set<String>) {
        sights = sights.filter { paths.contains($0.key) }
    }
}
