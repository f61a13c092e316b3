/// A policy, messages that pass it and messages that do not: as Amazon SNS and Event Ruler
/// document it.
struct FilterCase: Sendable, CustomStringConvertible {
    let policy: String
    let message: String
    let passes: Bool

    var description: String { "\(policy) \(passes ? "takes" : "leaves") \(message)" }

    static func of(_ policy: String, takes: [String], leaves: [String]) -> [FilterCase] {
        takes.map { FilterCase(policy: policy, message: $0, passes: true) }
            + leaves.map { FilterCase(policy: policy, message: $0, passes: false) }
    }

    /// What has keys on one level only, and holds of attributes and bodies alike: a hit, a miss,
    /// a missing key, other types, arrays, null.
    static let flat: [FilterCase] = [
        of(
            #"{"k":["red","blue"]}"#,
            takes: [
                #"{"k":"red"}"#, #"{"k":"blue","z":1}"#, #"{"k":["green","red"]}"#,
                #"{"k":[null,["blue"]]}"#,
            ],
            leaves: [
                #"{"k":"Red"}"#, #"{"k":"redd"}"#, #"{"k":""}"#, #"{}"#, #"{"K":"red"}"#,
                #"{"k":null}"#, #"{"k":[]}"#,
                #"{"k":["green"]}"#, #"{"k":7}"#,
            ]),
        of(
            #"{"k":[""]}"#, takes: [#"{"k":""}"#],
            leaves: [#"{"k":" "}"#, #"{"k":null}"#, #"{}"#, #"{"k":[]}"#]),
        of(
            #"{"k":["\u00e9"]}"#, takes: [#"{"k":"é"}"#],
            leaves: [#"{"k":"e\u0301"}"#, #"{"k":"É"}"#]),
        of(
            #"{"k":[5]}"#,
            takes: [
                #"{"k":5}"#, #"{"k":5.0}"#, #"{"k":50e-1}"#, #"{"k":0.5E+1}"#, #"{"k":[4,5]}"#,
                #"{"k":5.000004}"#,
            ],
            leaves: [
                #"{"k":"5"}"#, #"{"k":5.00001}"#, #"{"k":-5}"#, #"{"k":null}"#, #"{"k":true}"#,
                #"{}"#, #"{"k":[]}"#,
            ]),
        of(
            #"{"k":[0]}"#, takes: [#"{"k":-0}"#, #"{"k":0.000001}"#, #"{"k":0e9}"#],
            leaves: [#"{"k":false}"#, #"{"k":""}"#]),
        of(
            #"{"k":[true]}"#, takes: [#"{"k":true}"#, #"{"k":[false,true]}"#],
            leaves: [#"{"k":false}"#, #"{"k":"true"}"#, #"{"k":1}"#, #"{"k":null}"#, #"{}"#]),
        of(
            #"{"k":[null]}"#, takes: [#"{"k":null}"#, #"{"k":[1,null]}"#],
            leaves: [
                #"{"k":"null"}"#, #"{"k":""}"#, #"{"k":0}"#, #"{"k":false}"#, #"{}"#, #"{"k":[]}"#,
            ]),
        of(
            #"{"k":[{"prefix":"che"}]}"#,
            takes: [#"{"k":"che"}"#, #"{"k":"check_failed"}"#, #"{"k":["x","chess"]}"#],
            leaves: [
                #"{"k":"ch"}"#, #"{"k":"Check"}"#, #"{"k":" che"}"#, #"{"k":1}"#, #"{"k":null}"#,
                #"{"k":["x"]}"#, #"{}"#,
            ]),
        of(
            #"{"k":[{"prefix":""}]}"#, takes: [#"{"k":""}"#, #"{"k":"a"}"#],
            leaves: [#"{"k":1}"#, #"{}"#]),
        of(
            #"{"k":[{"suffix":"led"}]}"#,
            takes: [#"{"k":"led"}"#, #"{"k":"check_failed"}"#, #"{"k":["x","led"]}"#],
            leaves: [
                #"{"k":"ed"}"#, #"{"k":"LED"}"#, #"{"k":"led "}"#, #"{"k":3}"#, #"{"k":null}"#,
                #"{"k":[]}"#, #"{}"#,
            ]),
        of(
            #"{"k":[{"equals-ignore-case":"Straße"}]}"#,
            takes: [#"{"k":"straße"}"#, #"{"k":"STRAßE"}"#, #"{"k":["x","sTRaße"]}"#],
            leaves: [
                #"{"k":"strasse"}"#, #"{"k":"straße1"}"#, #"{"k":false}"#, #"{"k":null}"#, #"{}"#,
            ]),
        of(
            #"{"k":[{"wildcard":"good*.re*s"}]}"#,
            takes: [
                #"{"k":"goodreads.reviews"}"#, #"{"k":"good.res"}"#, #"{"k":"good.re.re.ress"}"#,
                #"{"k":[1,"good.res"]}"#,
            ],
            leaves: [
                #"{"k":"goodreads.review"}"#, #"{"k":"xgood.res"}"#, #"{"k":"good.res "}"#,
                #"{"k":"Good.res"}"#, #"{"k":1}"#,
                #"{"k":null}"#, #"{"k":[]}"#, #"{}"#,
            ]),
        of(
            #"{"k":[{"wildcard":"a*a"}]}"#, takes: [#"{"k":"aa"}"#, #"{"k":"aba"}"#],
            leaves: [#"{"k":"a"}"#, #"{"k":"ab"}"#]),
        of(
            #"{"k":[{"wildcard":"*"}]}"#, takes: [#"{"k":""}"#, #"{"k":"x"}"#],
            leaves: [#"{"k":1}"#, #"{}"#]),
        of(
            #"{"k":[{"wildcard":"plain"}]}"#, takes: [#"{"k":"plain"}"#],
            leaves: [#"{"k":"plainly"}"#, #"{"k":"plai"}"#]),
        of(
            #"{"k":[{"wildcard":"5\\*\\\\*"}]}"#, takes: [#"{"k":"5*\\"}"#, #"{"k":"5*\\x"}"#],
            leaves: [#"{"k":"55\\"}"#]),
    ].flatMap(\.self)

    static let excluding: [FilterCase] = [
        of(
            #"{"k":[{"anything-but":"red"}]}"#,
            takes: [
                #"{"k":"blue"}"#, #"{"k":""}"#, #"{"k":7}"#, #"{"k":["red","blue"]}"#,
                #"{"k":null}"#, #"{"k":true}"#,
            ],
            leaves: [#"{"k":"red"}"#, #"{"k":["red","red"]}"#, #"{"k":[]}"#, #"{}"#]),
        of(
            #"{"k":[{"anything-but":["red","blue"]}]}"#,
            takes: [#"{"k":"green"}"#, #"{"k":"Red"}"#, #"{"k":["red","green"]}"#],
            leaves: [#"{"k":"red"}"#, #"{"k":"blue"}"#, #"{"k":["red","blue"]}"#, #"{}"#]),
        of(
            #"{"k":[{"anything-but":[100,2.5]}]}"#,
            takes: [#"{"k":101}"#, #"{"k":"100"}"#, #"{"k":[100,3]}"#],
            leaves: [#"{"k":1e2}"#, #"{"k":2.50}"#, #"{"k":[100.0]}"#, #"{}"#]),
        of(#"{"k":[{"anything-but":0}]}"#, takes: [#"{"k":1}"#], leaves: [#"{"k":0.0}"#]),
        of(
            #"{"k":[{"anything-but":{"prefix":"order-"}}]}"#,
            takes: [
                #"{"k":"data-entry"}"#, #"{"k":"order_number"}"#, #"{"k":5}"#,
                #"{"k":["order-1","x"]}"#,
            ],
            leaves: [#"{"k":"order-cancelled"}"#, #"{"k":["order-1"]}"#, #"{}"#]),
        of(
            #"{"k":[{"anything-but":{"prefix":["a","b"]}}]}"#, takes: [#"{"k":"c"}"#],
            leaves: [#"{"k":"ax"}"#, #"{"k":"bx"}"#]),
        of(
            #"{"k":[{"anything-but":{"suffix":".png"}}]}"#,
            takes: [#"{"k":"a.jpg"}"#, #"{"k":1}"#],
            leaves: [#"{"k":"a.png"}"#, #"{}"#]),
        of(
            #"{"k":[{"anything-but":{"wildcard":"*tmp*"}}]}"#,
            takes: [#"{"k":"table"}"#, #"{"k":["tmp","t"]}"#],
            leaves: [#"{"k":"a_tmp_b"}"#, #"{"k":"tmp"}"#, #"{}"#]),
        of(
            #"{"k":[{"anything-but":{"equals-ignore-case":["info","debug"]}}]}"#,
            takes: [#"{"k":"warning"}"#],
            leaves: [#"{"k":"INFO"}"#, #"{"k":"Debug"}"#, #"{}"#]),
        of(
            #"{"k":[{"anything-but":"red"},{"exists":false}]}"#,
            takes: [#"{}"#, #"{"k":[]}"#, #"{"k":"blue"}"#],
            leaves: [#"{"k":"red"}"#]),
    ].flatMap(\.self)

    static let numeric: [FilterCase] = [
        of(
            #"{"k":[{"numeric":["=",301.8]}]}"#,
            takes: [#"{"k":3.018e2}"#, #"{"k":301.80}"#, #"{"k":[1,301.8]}"#],
            leaves: [
                #"{"k":301.81}"#, #"{"k":"301.8"}"#, #"{"k":null}"#, #"{"k":true}"#, #"{}"#,
                #"{"k":[]}"#,
            ]),
        of(
            #"{"k":[{"numeric":["<",10]}]}"#, takes: [#"{"k":9.99999}"#, #"{"k":-1e9}"#],
            leaves: [#"{"k":10}"#, #"{"k":11}"#, #"{}"#]),
        of(
            #"{"k":[{"numeric":["<=",10]}]}"#, takes: [#"{"k":10.0}"#, #"{"k":10.000001}"#],
            leaves: [#"{"k":10.00001}"#, #"{"k":"9"}"#]),
        of(
            #"{"k":[{"numeric":[">",0]}]}"#, takes: [#"{"k":0.00001}"#, #"{"k":1e9}"#],
            leaves: [#"{"k":0}"#, #"{"k":-1}"#, #"{"k":0.000001}"#]),
        of(
            #"{"k":[{"numeric":[">=",-2.5]}]}"#, takes: [#"{"k":-2.5}"#, #"{"k":0}"#],
            leaves: [#"{"k":-2.50001}"#, #"{"k":null}"#]),
        of(
            #"{"k":[{"numeric":[">",0,"<=",5]}]}"#,
            takes: [#"{"k":5}"#, #"{"k":0.1}"#, #"{"k":[9,3]}"#],
            leaves: [#"{"k":0}"#, #"{"k":5.1}"#, #"{"k":[-1,9]}"#, #"{"k":"3"}"#, #"{}"#]),
        of(
            #"{"k":[{"numeric":[">=",0,"<",5]}]}"#, takes: [#"{"k":0}"#, #"{"k":4.99999}"#],
            leaves: [#"{"k":5}"#, #"{"k":-0.1}"#]),
        // A number beyond the limits is never less or more.
        of(
            #"{"k":[{"numeric":[">",0]}]}"#, takes: [#"{"k":1000000000}"#],
            leaves: [#"{"k":1000000001}"#, #"{"k":1e400}"#]),
        of(
            #"{"k":["a",7,{"numeric":[">",100]},{"prefix":"b"}]}"#,
            takes: [#"{"k":"a"}"#, #"{"k":7}"#, #"{"k":101}"#, #"{"k":"bc"}"#],
            leaves: [#"{"k":8}"#, #"{"k":"c"}"#, #"{}"#]),
    ].flatMap(\.self)

    static let addresses: [FilterCase] = [
        of(
            #"{"k":[{"cidr":"10.0.0.0/24"}]}"#,
            takes: [#"{"k":"10.0.0.0"}"#, #"{"k":"10.0.0.255"}"#, #"{"k":["x","10.0.0.9"]}"#],
            leaves: [
                #"{"k":"10.1.1.0"}"#, #"{"k":"10.0.0"}"#, #"{"k":"10.0.0.1/32"}"#,
                #"{"k":"::10.0.0.1"}"#, #"{"k":10}"#,
                #"{"k":null}"#, #"{}"#,
            ]),
        of(
            #"{"k":[{"cidr":"2001:db8::/32"}]}"#,
            takes: [#"{"k":"2001:db8::1"}"#, #"{"k":"2001:DB8:0:0::7"}"#],
            leaves: [#"{"k":"2001:db9::1"}"#, #"{"k":"10.0.0.1"}"#, #"{}"#]),
    ].flatMap(\.self)

    static let presence: [FilterCase] = [
        of(
            #"{"k":[{"exists":true}]}"#,
            takes: [#"{"k":"x"}"#, #"{"k":null}"#, #"{"k":""}"#, #"{"k":false}"#, #"{"k":[0]}"#],
            leaves: [#"{}"#, #"{"z":1}"#, #"{"k":[]}"#, #"{"k":[[]]}"#]),
        of(
            #"{"k":[{"exists":false}]}"#, takes: [#"{}"#, #"{"z":1}"#, #"{"k":[]}"#],
            leaves: [#"{"k":"x"}"#, #"{"k":null}"#, #"{"k":[1]}"#]),
        of(
            #"{"a":["x"],"b":[{"exists":false}]}"#, takes: [#"{"a":"x"}"#],
            leaves: [#"{"a":"x","b":1}"#, #"{"b":1}"#, #"{}"#]),
    ].flatMap(\.self)

    static let logic: [FilterCase] = [
        of(
            #"{"a":["x","y"],"b":[{"numeric":[">",100]}]}"#,
            takes: [#"{"a":"x","b":101}"#, #"{"a":"y","b":200,"c":0}"#],
            leaves: [#"{"a":"x","b":100}"#, #"{"a":"z","b":101}"#, #"{"a":"x"}"#, #"{"b":101}"#]),
        of(
            #"{"s":["cw"],"$or":[{"m":["cpu"]},{"t":["x"],"n":["ec2"]}]}"#,
            takes: [
                #"{"s":"cw","m":"cpu"}"#, #"{"s":"cw","t":"x","n":"ec2"}"#,
                #"{"s":"cw","m":"disk","t":"x","n":"ec2"}"#,
            ],
            leaves: [
                #"{"m":"cpu"}"#, #"{"s":"cw","t":"x"}"#, #"{"s":"cw"}"#, #"{"s":"x","m":"cpu"}"#,
            ]),
        of(
            #"{"$or":[{"a":[1]},{"b":[2],"$or":[{"c":[3]},{"d":[{"exists":false}]}]}]}"#,
            takes: [#"{"a":1}"#, #"{"b":2,"c":3,"d":4}"#, #"{"b":2}"#],
            leaves: [#"{"b":2,"d":4}"#, #"{"c":3}"#]),
    ].flatMap(\.self)

    /// What only bodies have: objects in objects and in arrays.
    static let nested: [FilterCase] = [
        of(
            #"{"a":{"b":{"c":["x"]}}}"#,
            takes: [
                #"{"a":{"b":{"c":"x"}}}"#, #"{"a":[{"b":{"c":"y"}},{"b":[{"c":["x"]}]}]}"#,
                #"{"a":[[{"b":{"c":"x"}}]]}"#,
            ],
            leaves: [
                #"{"a":{"b":"x"}}"#, #"{"a":{"c":"x"}}"#, #"{"b":{"c":"x"}}"#, #"{"a":null}"#,
                #"{"a.b.c":"x"}"#, #"{}"#,
            ]),
        of(
            #"{"e":{"first":["Anna"],"last":["Jones"]}}"#,
            takes: [#"{"e":[{"first":"John","last":"Doe"},{"first":"Anna","last":"Jones"}]}"#],
            leaves: [
                #"{"e":[{"first":"Anna","last":"Smith"},{"first":"Peter","last":"Jones"}]}"#,
                #"{"e":[]}"#,
            ]),
        of(
            #"{"e":{"b":[{"exists":false}]}}"#,
            takes: [
                #"{}"#, #"{"e":{}}"#, #"{"e":{"b":{"x":1}}}"#, #"{"e":[{"c":1}]}"#, #"{"e":7}"#,
            ],
            leaves: [#"{"e":{"b":1}}"#, #"{"e":[{"c":1},{"b":null}]}"#]),
        of(
            #"{"e":{"b":[{"exists":true}]}}"#, takes: [#"{"e":{"b":0}}"#, #"{"e":[1,{"b":0}]}"#],
            leaves: [#"{"e":{"b":{"x":1}}}"#, #"{"e":{}}"#]),
        of(
            #"{"d":{"scope":["S"],"$or":[{"source":["cw"]},{"type":["T"]}]}}"#,
            takes: [#"{"d":{"scope":"S","type":"T"}}"#, #"{"d":{"scope":"S","source":"cw"}}"#],
            leaves: [
                #"{"d":{"scope":"S"}}"#, #"{"d":{"type":"T"}}"#, #"{"d":{"scope":"S"},"type":"T"}"#,
                #"{"d":[{"scope":"S"},{"type":"T"}]}"#,
            ]),
        of(
            #"{"k":["x"]}"#, takes: [#"{"k":"y","k":"x"}"#],
            leaves: [#"{"k":"x","k":"y"}"#, #"["x"]"#, #""x""#, "x", ""]),
        of(
            #"{"k":["x"]}"#, takes: [#"{"k":[{"z":1},"x"]}"#],
            leaves: [#"{"k":{"k":"x"}}"#, #"{"k":[{"k":"x"}]}"#]),
    ].flatMap(\.self)

    static let onEitherScope = flat + excluding + numeric + addresses + presence + logic
}
