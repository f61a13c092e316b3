import Testing

@testable import millrace

@Suite("A moment of the generator")
struct MomentTests {
    @Test(
        "is spelled as the originals spell it",
        arguments: [
            ("2020-02-11", 65_305, "Tue Feb 11 18:08:25 -0800 2020", "2020-02-11 18:08:25.000000"),
            ("2020-02-29", 0, "Sat Feb 29 00:00:00 -0800 2020", "2020-02-29 00:00:00.000000"),
            ("1999-12-31", 86_399, "Fri Dec 31 23:59:59 -0800 1999", "1999-12-31 23:59:59.000000"),
            ("2100-03-01", 1, "Mon Mar 01 00:00:01 -0800 2100", "2100-03-01 00:00:01.000000"),
        ])
    func spelled(day: String, second: Int, mail: String, stamp: String) throws {
        var moment = try #require(Moment(day: day))
        moment.microseconds += second * Moment.second
        var mailBytes: [UInt8] = []
        moment.appendMail(offset: Array("-0800".utf8), to: &mailBytes)
        #expect(String(decoding: mailBytes, as: UTF8.self) == mail)
        var stampBytes: [UInt8] = []
        moment.appendStamp(to: &stampBytes)
        #expect(String(decoding: stampBytes, as: UTF8.self) == stamp)
    }

    @Test(
        "refuses what is no day",
        arguments: ["2020-02-30", "2021-02-29", "20-02-11", "2020-2", "", "2020-13-01", "-1-1-1"])
    func refused(text: String) {
        #expect(Moment(day: text) == nil)
    }
}
