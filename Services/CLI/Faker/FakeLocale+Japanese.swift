extension FakeLocale {
    /// Japan: one line from the large to the small, and the family name first.
    static let japanese = FakeLocale(
        code: "ja_JP", offset: Array("+0900".utf8),
        givenNames: words(
            "葵;大輔;恵美;文也;花;一郎;純;健太;美月;直樹;理沙;悟;翼;優子;陽翔;さくら;ひなた;かおり"),
        familyNames: words(
            "青木;石川;上田;遠藤;岡本;川口;木下;近藤;佐々木;島田;杉山;高田;千葉;中野;橋本;藤原;松浦;森本"),
        nameOrder: .familyFirst,
        streets: words("若葉町;桜台;本町;緑ヶ丘;川端町;朝日町;山手町;泉町;松原;梅田"),
        cities: words(
            "北海道函館市;宮城県仙台市青葉区;東京都世田谷区;神奈川県鎌倉市;石川県金沢市;長野県松本市;"
                + "京都府京都市左京区;広島県尾道市;高知県高知市;熊本県熊本市中央区"),
        address: { locale, generator, bytes in
            bytes += generator.pick(locale.cities)
            bytes += generator.pick(locale.streets)
            bytes.appendDecimal(generator.integer(1...9))
            bytes += Array("丁目".utf8)
            bytes.appendDecimal(generator.integer(1...30))
            bytes += Array("番".utf8)
            bytes.appendDecimal(generator.integer(1...20))
            bytes += Array("号".utf8)
        })
}
