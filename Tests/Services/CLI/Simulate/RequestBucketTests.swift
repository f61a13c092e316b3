import Testing

@testable import millrace

@Suite("A request bucket")
struct RequestBucketTests {
    @Test("lets one request a second through, a little early at most, and says how long to wait")
    func pace() {
        var bucket = RequestBucket(perSecond: 1, burst: 1)
        #expect(bucket.take(at: .zero) == nil)
        #expect(bucket.take(at: .milliseconds(400)) == .milliseconds(600))
        #expect(bucket.take(at: .milliseconds(950)) == nil)
        // Early requests do not add up: the next is due two seconds after the first.
        #expect(bucket.take(at: .milliseconds(1850)) == .milliseconds(150))
        #expect(bucket.take(at: .milliseconds(1900)) == nil)
        #expect(bucket.take(at: .seconds(10)) == nil)
        #expect(bucket.take(at: .seconds(10)) == .seconds(1))
    }

    @Test("lets a burst through and fills again meanwhile")
    func burst() {
        var bucket = RequestBucket(perSecond: 10, burst: 5)
        let answers = (0..<20).map { _ in bucket.take(at: .seconds(1)) }
        // Five tokens, and the one that may be early.
        #expect(answers.filter { $0 == nil }.count == 6)
        #expect(bucket.take(at: .milliseconds(1500)) == nil)
    }
}
