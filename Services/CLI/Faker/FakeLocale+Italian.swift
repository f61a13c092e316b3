extension FakeLocale {
    /// Italy: two lines, the second with the postcode and the province.
    static let italian = FakeLocale(
        code: "it_IT", offset: Array("+0100".utf8),
        givenNames: words(
            "Alessia;Bruno;Carlotta;Dario;Elisa;Fabrizio;Ginevra;Ivano;Ludovica;Marcello;Noemi;"
                + "Ottavio;Priscilla;Raffaele;Serena;Tullio;Viola;Zaira;Niccolò;Desirée"),
        familyNames: words(
            "Abbiati;Bellandi;Carraro;D'Amico;Fontanesi;Galeazzi;Lombardini;Mazzocchi;Nervi;"
                + "Orlandini;Pellegrinelli;Quaranta;Ruffini;Sartorelli;Tagliabue;Ubaldi;Zanotto"),
        nameOrder: .givenFirst,
        streets: words(
            "Via dei Tigli;Corso della Libertà;Viale del Porto;Piazza San Rocco;"
                + "Via Vecchia Fornace;Vicolo del Pozzo;Strada Alta;Borgo Sant'Anna;Contrada Olmo"),
        cities: words(
            "Bergamo (BG);Cremona (CR);Ferrara (FE);Lecce (LE);Lucca (LU);Mantova (MN);"
                + "Nuoro (NU);Pesaro (PU);Rieti (RI);Siracusa (SR);Trento (TN);Udine (UD)"),
        address: { locale, generator, bytes in
            bytes += generator.pick(locale.streets)
            bytes.append(UInt8(ascii: " "))
            bytes.appendDecimal(generator.integer(1...199))
            bytes.append(UInt8(ascii: "\n"))
            bytes.appendDecimal(generator.integer(10...98_168), digits: 5)
            bytes.append(UInt8(ascii: " "))
            bytes += generator.pick(locale.cities)
        })
}
