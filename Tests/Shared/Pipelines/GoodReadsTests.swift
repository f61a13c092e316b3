import Foundation
import Kit
import Pipelines
import Testing

@Suite("The GoodReads pipeline")
struct GoodReadsTests {
    private let folder = TestData.packageRoot + "/compose/pipelines/goodreads"

    @Test("has no mistakes, not even warnings")
    func isClean() throws {
        let (pipeline, report) = PipelineFolder.read(folder)
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        let goodreads = try #require(pipeline)
        #expect(goodreads.datasets.map(\.name) == ["authors", "books", "reviews", "users"])
        #expect(goodreads.models.count == 6)
    }
}
