extension FakeLocale {
    /// India, in Devanagari: two lines.
    static let indian = FakeLocale(
        code: "hi_IN", offset: Array("+0530".utf8),
        givenNames: words(
            "अंजलि;भरत;चित्रा;दीपक;एकता;गोविंद;हर्षा;ईशान;ज्योति;करण;लता;मोहन;नंदिनी;ओम;पूजा;राघव;"
                + "सुनीता;तेजस;उमा;विक्रम"),
        familyNames: words(
            "अग्रवाल;बंसल;चौधरी;दीक्षित;गुप्ता;जोशी;कपूर;मल्होत्रा;नायर;पांडे;राठौर;सक्सेना;"
                + "त्रिपाठी;वर्मा;यादव"),
        nameOrder: .givenFirst,
        streets: words(
            "नीम गली;स्टेशन मार्ग;पुराना बाज़ार;झील रोड;मंदिर पथ;आम बाग;किला रोड;नदी किनारा मार्ग"),
        cities: words(
            "अजमेर;भोपाल;चंडीगढ़;देहरादून;इंदौर;जयपुर;कानपुर;लखनऊ;नागपुर;पटना;उदयपुर;वाराणसी"),
        address: { locale, generator, bytes in
            bytes.appendDecimal(generator.integer(1...420))
            bytes += Array(", ".utf8)
            bytes += generator.pick(locale.streets)
            bytes.append(UInt8(ascii: "\n"))
            bytes += generator.pick(locale.cities)
            bytes.append(UInt8(ascii: "-"))
            bytes.appendDecimal(generator.integer(110_001...855_117))
        })
}
