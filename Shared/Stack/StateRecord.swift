import Foundation
import Synchronization

/// The supervisor's copy of `stack.json`: each change is written at once.
final class StateRecord: Sendable {
    private let folder: StackFolder
    private let state: Mutex<StackState>

    init(_ folder: StackFolder, supervisor: ProcessIdentity) {
        self.folder = folder
        state = Mutex(StackState(supervisor: supervisor, startedAt: Date()))
    }

    func change(_ body: (inout StackState) -> Void) throws {
        try state.withLock { state in
            body(&state)
            try state.write(folder)
        }
    }

    /// Records what a part is doing now.
    func set(
        _ part: StackPart, _ condition: StackState.Condition, _ processes: [ProcessIdentity] = [],
        port: Int? = nil
    ) throws {
        try change { state in
            var entry =
                state.parts[part.rawValue]
                ?? StackState.Part(
                    condition: condition, processes: [], port: port, restarts: 0, since: Date())
            if condition == .restarting { entry.restarts += 1 }
            entry.condition = condition
            entry.processes = processes
            entry.since = Date()
            entry.port = port ?? entry.port
            state.parts[part.rawValue] = entry
        }
    }
}
