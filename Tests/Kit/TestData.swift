import Foundation

/// Real data for tests. It lies outside the project and is never copied into it.
public enum TestData {
    /// The path of a file or folder of the test data, e.g. `goodreads_sample/book.csv`; nil where
    /// the data is not on this machine: the test says so and is skipped.
    ///
    /// The folder is `MILLRACE_TEST_DATA`, else `../shared/data` beside the package.
    public static func path(_ name: String) -> String? {
        let path = folder + "/" + name
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// The root of the package, where `compose` and `Shared` are.
    public static var packageRoot: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
    }

    private static var folder: String {
        ProcessInfo.processInfo.environment["MILLRACE_TEST_DATA"] ?? packageRoot + "/../shared/data"
    }
}
