extension FakeLocale {
    /// The United States: two lines, the second with a comma, so that it must be quoted twice over.
    static let american = FakeLocale(
        code: "en_US", offset: Array("-0800".utf8),
        givenNames: words(
            "Abigail;Brandon;Cheyenne;Dwight;Eleanor;Franklin;Gwendolyn;Harvey;Imogen;Jasper;"
                + "Kendra;Lionel;Marjorie;Nolan;Olive;Preston;Rosalind;Sterling;Tabitha;Wade"),
        familyNames: words(
            "Ashworth;Barlow;Castellano;Dunham;Eastman;Fitzgerald;Granger;Holloway;Ingram;"
                + "Jennings;Kowalski;Lockhart;Merriweather;O'Leary;Pickett;Radcliffe;Strickland"),
        nameOrder: .givenFirst,
        streets: words(
            "Maple Hollow Road;Old Mill Lane;Juniper Street;Harbor View Drive;Quarry Avenue;"
                + "Sycamore Court;Lighthouse Way;Orchard Hill;Cedar Bluff Terrace;Railroad Street"),
        cities: words(
            "Bangor, ME;Boise, ID;Duluth, MN;El Paso, TX;Fargo, ND;Galveston, TX;Juneau, AK;"
                + "Missoula, MT;Portland, OR;Roanoke, VA;Santa Fe, NM;Savannah, GA"),
        address: { locale, generator, bytes in
            bytes.appendDecimal(generator.integer(1...9999))
            bytes.append(UInt8(ascii: " "))
            bytes += generator.pick(locale.streets)
            if generator.chance(0.3) {
                bytes += Array(" Apt. ".utf8)
                bytes.appendDecimal(generator.integer(1...60))
            }
            bytes.append(UInt8(ascii: "\n"))
            bytes += generator.pick(locale.cities)
            bytes.append(UInt8(ascii: " "))
            bytes.appendDecimal(generator.integer(501...99_950), digits: 5)
        })
}
