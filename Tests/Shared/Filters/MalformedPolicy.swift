import Filters

/// A text that is no policy, and what is said of it.
struct MalformedPolicy: Sendable {
    let text: String
    var scope = FilterPolicy.Scope.attributes
    let place: String
    var line = 1
    let column: Int
    let words: String

    static let all: [MalformedPolicy] = [
        .init(text: "", place: "", column: 1, words: "a value is expected"),
        .init(text: "[]", place: "", column: 1, words: "a policy is an object"),
        .init(text: #""red""#, place: "", column: 1, words: "a policy is an object"),
        .init(text: "{}", place: "", column: 1, words: "an empty object"),
        .init(text: #"{"k":["a"]"#, place: "", column: 11, words: "`,` or `}`"),
        .init(text: #"{"k":["a"]} x"#, place: "", column: 13, words: "follows the end"),
        .init(text: #"{k:["a"]}"#, place: "", column: 2, words: "double quotes"),
        .init(text: #"{"k":['a']}"#, place: "", column: 7, words: "double quotes"),
        .init(text: #"{"k":["a",]}"#, place: "", column: 11, words: "a value is expected"),
        .init(text: #"{"k":[01]}"#, place: "", column: 8, words: "leading zeros"),
        .init(text: #"{"k":["\x"]}"#, place: "", column: 8, words: "stands before one of"),
        .init(text: #"{"k":["\ud800"]}"#, place: "", column: 14, words: "surrogate"),
        .init(text: #"{"k":["a"}"#, place: "", column: 10, words: "`,` or `]`"),
        .init(
            text: "{\n  \"k\": \"a\"\n}", place: "k", line: 2, column: 8,
            words: #"even of one: ["a"]"#),
        .init(text: #"{"k":5}"#, place: "k", column: 6, words: "[5]"),
        .init(text: #"{"k":null}"#, place: "k", column: 6, words: "[null]"),
        .init(text: #"{"k":[]}"#, place: "k", column: 6, words: "empty list"),
        .init(text: #"{"k":[["a"]]}"#, place: "k[0]", column: 7, words: "inside of a list"),
        .init(text: #"{"k":{"j":["a"]}}"#, place: "k", column: 6, words: "scope `body`"),
        .init(text: #"{"k":{}}"#, scope: .body, place: "k", column: 6, words: "an empty object"),
        .init(text: #"{"k":["a"],"k":["b"]}"#, place: "k", column: 12, words: "twice"),
        .init(
            text: #"{"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]}"#, place: "", column: 1,
            words: "at most 5 keys"),
        .init(
            text: #"{"k":["é",{"begins":"a"}]}"#, place: "k[1].begins", column: 12,
            words: "is not an operator; there are prefix"),
        .init(text: #"{"k":[{}]}"#, place: "k[0]", column: 7, words: "one key"),
        .init(
            text: #"{"k":[{"prefix":"a","suffix":"b"}]}"#, place: "k[0]", column: 7,
            words: "one key"),
        .init(
            text: #"{"k":[{"prefix":1}]}"#, place: "k[0].prefix", column: 17, words: "takes a text"),
        .init(
            text: #"{"k":[{"suffix":["a"]}]}"#, place: "k[0].suffix", column: 17,
            words: "takes a text"),
        .init(
            text: #"{"k":[{"equals-ignore-case":null}]}"#, place: "k[0].equals-ignore-case",
            column: 29, words: "takes a text"),
        .init(
            text: #"{"k":[{"wildcard":"a**"}]}"#, place: "k[0].wildcard", column: 19,
            words: "one `*`"),
        .init(
            text: #"{"k":[{"wildcard":"a\\b"}]}"#, place: "k[0].wildcard", column: 19,
            words: "only before"),
        .init(
            text: #"{"k":[{"wildcard":"a\\"}]}"#, place: "k[0].wildcard", column: 19,
            words: "at the end"),
        .init(
            text: #"{"k":[{"anything-but":[]}]}"#, place: "k[0].anything-but", column: 23,
            words: "the list is empty"),
        .init(
            text: #"{"k":[{"anything-but":["a",1]}]}"#, place: "k[0].anything-but", column: 23,
            words: "not both"),
        .init(
            text: #"{"k":[{"anything-but":null}]}"#, place: "k[0].anything-but", column: 23,
            words: "texts or numbers"),
        .init(
            text: #"{"k":[{"anything-but":[true]}]}"#, place: "k[0].anything-but[0]", column: 24,
            words: "texts or numbers"),
        .init(
            text: #"{"k":[{"anything-but":{"numeric":["=",1]}}]}"#, place: "k[0].anything-but",
            column: 23, words: "prefix, suffix"),
        .init(
            text: #"{"k":[{"anything-but":{"prefix":""}}]}"#, place: "k[0].anything-but.prefix",
            column: 33, words: "empty text"),
        .init(
            text: #"{"k":[{"exists":"true"}]}"#, place: "k[0].exists", column: 17,
            words: "true or false"),
        .init(
            text: #"{"k":[{"numeric":5}]}"#, place: "k[0].numeric", column: 18,
            words: "takes a list"),
        .init(
            text: #"{"k":[{"numeric":[]}]}"#, place: "k[0].numeric", column: 18,
            words: "takes a list"),
        .init(
            text: #"{"k":[{"numeric":["<"]}]}"#, place: "k[0].numeric", column: 18,
            words: "takes a list"),
        .init(
            text: #"{"k":[{"numeric":["==",5]}]}"#, place: "k[0].numeric[0]", column: 19,
            words: #""=""#),
        .init(
            text: #"{"k":[{"numeric":["<","5"]}]}"#, place: "k[0].numeric[1]", column: 23,
            words: "without quotes"),
        .init(
            text: #"{"k":[{"numeric":["<",5,">",0]}]}"#, place: "k[0].numeric", column: 18,
            words: "from below"),
        .init(
            text: #"{"k":[{"numeric":[">",5,"<",5]}]}"#, place: "k[0].numeric", column: 18,
            words: "not above 5"),
        .init(
            text: #"{"k":[{"numeric":[">",1e10]}]}"#, place: "k[0].numeric[1]", column: 23,
            words: "beyond the numbers"),
        .init(text: #"{"k":[1.000001]}"#, place: "k[0]", column: 7, words: "five digits"),
        .init(
            text: #"{"k":[-1000000000.1]}"#, place: "k[0]", column: 7, words: "beyond the numbers"),
        .init(
            text: #"{"k":[{"cidr":"10.0.0.1"}]}"#, place: "k[0].cidr", column: 15,
            words: "takes a network"),
        .init(
            text: #"{"k":[{"cidr":"10.0.0.1/8"}]}"#, place: "k[0].cidr", column: 15,
            words: "behind its prefix"),
        .init(
            text: #"{"k":[{"cidr":"10.0.0.0/33"}]}"#, place: "k[0].cidr", column: 15,
            words: "takes a network"),
        .init(
            text: #"{"$or":[{"k":["a"]}]}"#, place: "$or", column: 8, words: "two objects or more"),
        .init(text: #"{"$or":["a","b"]}"#, place: "$or[0]", column: 9, words: "an alternative"),
        .init(
            text: #"{"$or":[{"k":["a"]},{"prefix":"x"}]}"#, place: "$or[1].prefix", column: 22,
            words: "is an operator"),
        .init(
            text: #"{"$or":[{"k":["a"]},{}]}"#, place: "$or[1]", column: 21,
            words: "an empty object"),
    ]
}
