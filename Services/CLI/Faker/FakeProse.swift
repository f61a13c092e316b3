/// Titles of books that nobody has written, and sentences about them.
enum FakeProse {
    /// Some with what breaks careless readers: commas, quotes, `#`, and text decoded wrongly once.
    static let titles = FakeLocale.words(
        "The Lamplighter's Ledger;A Quiet Arithmetic;Salt, Smoke and Cinnamon;"
            + "The Weir (River Cycle, #1);The Flood (River Cycle, #2);\"Yes,\" Said the Heron;"
            + "Eleven Ways to Leave Trieste;The Cartographer of Small Rooms;Ash & Ember;"
            + "CafÃ© at the End of the Line;What the Millstone Heard;Winter Wheat;"
            + "Letters to a Drowned Bell;The Ferryman's Apprentice, or: Patience;"
            + "#unread;Nine Tenths of the Law;The Clockmaker's \"Last\" Daughter;"
            + "A Field Guide to Absent Birds;Under Copper Roofs;The Orchard Keeper’s Almanac;"
            + "Seven Bridges, One Toll;The Long Portage (Hudson, #4);Paper Boats;"
            + "Ein Haus ohne TÃ¼ren;Moth Season;The Inventor of Zero;Half a Continent Away;"
            + "Rules for Borrowing Money;The Sound Between Stations;Tidewater;"
            + "An Incomplete History of Rain;The Ninth Gatekeeper;Bread & Iron;"
            + "On the Proper Care of Ghosts")

    static let openings = FakeLocale.words(
        "I finished it in one night;The first half drags;Nobody warned me about the ending;"
            + "A friend lent me this;I came for the plot, stayed for the prose;"
            + "Second reading, still good;The translation is clumsy;Loved every page;"
            + "Not what the cover promised;My book club could not agree;"
            + "\"Unputdownable\", said the blurb;लेखक की भाषा सरल है;静かな物語でした;"
            + "Mi è piaciuto molto")

    static let closings = FakeLocale.words(
        "and I would read it again.;but the middle needs an editor.;so four stars it is.;"
            + "and yet, I cried.;which is rare, these days.;but that is only my opinion.;"
            + "and the maps are lovely.;though the dialogue sings.;so skip the epilogue.;"
            + "और अंत याद रहता है।;読み返したい。;e lo consiglio a tutti.")

    /// Appends one to four sentences on one line.
    static func appendReview(using generator: inout SplitMix64, to bytes: inout [UInt8]) {
        for index in 0..<generator.integer(1...4) {
            if index > 0 { bytes.append(UInt8(ascii: " ")) }
            bytes += generator.pick(openings)
            bytes += Array(", ".utf8)
            bytes += generator.pick(closings)
        }
    }
}
