import Files
import Glibc
import Lanes
import Synchronization

/// The kernel's word about files that were written or renamed into folders (inotify).
final class FolderWatch: Sendable {
    /// A file that somebody closed after writing, or renamed in.
    struct Arrival: Sendable, Equatable {
        let folder: String
        /// With U+FFFD for what is not UTF-8.
        let name: String
    }

    let arrivals: AsyncStream<Arrival>

    private let descriptor: Int32
    private let lane = Lane("inotify")
    private let folders = Mutex<[Int32: String]>([:])
    private let continuation: AsyncStream<Arrival>.Continuation
    private let onLoss: @Sendable () -> Void
    private let watch = Mutex<DescriptorWatch?>(nil)

    /// - Parameter onLoss: Called when arrivals may have been missed: somebody has to look.
    init(onLoss: @escaping @Sendable () -> Void) throws(FileError) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { throw FileError("watch", "inotify", code: errno) }
        self.onLoss = onLoss
        (arrivals, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(10_000))
        let watch = lane.watch(descriptor) { [weak self] in self?.read() }
        self.watch.withLock { $0 = watch }
    }

    /// Watches a folder; doing so again changes nothing.
    func add(_ folder: String) throws(FileError) {
        let mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR
        // Under the lock, so that no event of the new watch is read before its folder is known.
        let code = folders.withLock { folders -> Int32 in
            let watch = inotify_add_watch(descriptor, folder, UInt32(mask))
            guard watch >= 0 else { return errno }
            folders[watch] = folder
            return 0
        }
        guard code == 0 else { throw FileError("watch", folder, code: code) }
    }

    /// Ends `arrivals`. The object is of no use afterwards.
    func stop() {
        watch.withLock { $0.take() }?.cancel()
        continuation.finish()
        lane.post { [descriptor] in close(descriptor) }
    }

    private func read() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: 1 << 16, alignment: MemoryLayout<inotify_event>.alignment)
        defer { buffer.deallocate() }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { return }
            take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        let head = MemoryLayout<inotify_event>.size
        var offset = 0
        while offset + head <= bytes.count {
            let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let end = offset + head + Int(event.len)
            // The name is padded with zero bytes.
            let name = bytes[(offset + head)..<end].prefix { $0 != 0 }
            take(event, String(decoding: name, as: UTF8.self))
            offset = end
        }
    }

    private func take(_ event: inotify_event, _ name: String) {
        func has(_ flag: some BinaryInteger) -> Bool { Int64(event.mask) & Int64(flag) != 0 }
        if has(IN_IGNORED) {
            folders.withLock { $0[event.wd] = nil }
            return onLoss()
        }
        if has(IN_MOVE_SELF) { _ = inotify_rm_watch(descriptor, event.wd) }
        if has(IN_Q_OVERFLOW) || has(IN_MOVE_SELF) || has(IN_DELETE_SELF) { return onLoss() }
        guard !has(IN_ISDIR), !name.isEmpty,
            let folder = folders.withLock({ $0[event.wd] })
        else { return }
        if case .dropped = continuation.yield(Arrival(folder: folder, name: name)) { onLoss() }
    }
}
