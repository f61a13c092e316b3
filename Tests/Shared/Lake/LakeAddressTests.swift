import Lake
import Testing

@Suite("A lake's address")
struct LakeAddressTests {
    @Test("is a folder")
    func folder() throws {
        let lake = try LakeAddress.open("file:///srv/my%20lake/")
        #expect(lake.location(of: "a/b") == "/srv/my lake/a/b")
    }

    @Test(
        "says what is supported",
        arguments: [
            ("/srv/lake", "is not a URL"), ("s3://bucket/x", "`s3://` is not supported"),
            ("file://host/lake", "names a host"), ("file:///a/../b", "is no folder"),
            ("", "is not a URL"), ("file:///a?b", "is no folder"),
        ])
    func refusals(url: String, words: String) {
        let error = #expect(throws: LakeError.self) { _ = try LakeAddress.open(url) }
        #expect(error?.description.contains(words) == true)
        #expect(error?.description.contains("file:///srv/millrace/lake") == true)
    }
}
