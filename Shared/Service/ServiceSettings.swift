import Broker
import Foundation
import Lanes
import Settings
import Telemetry

/// The settings that every service process has.
struct ServiceSettings: Sendable {
    var broker: BrokerAddress?
    /// Of the broker's management API; nil means that policies cannot be verified.
    var brokerAPI: String?
    var host: String
    var httpAddress: String
    var httpPort: Int
    var httpPortFile: String?
    var logLevel: Log.Level
    var logForm: Log.Form?
    var concurrency: Int
    var stopLimit: Duration
    var retries: RetryPolicy
    var breaker: CircuitBreaker
    var diskLow: Int

    init(reading reader: inout SettingsReader) {
        broker = Self.broker(&reader)
        let api = reader.optionalText(
            "broker-api",
            help: "the broker's management API, e.g. http://host:15672, to verify its policies")
        brokerAPI = api?.isEmpty == true ? nil : api
        host = Self.hostName(&reader)
        httpAddress = reader.text(
            "http-address", default: "127.0.0.1", help: "address of /metrics, /healthz, /readyz")
        httpPort = reader.integer(
            "http-port", default: 0, in: 0...65535, help: "its port; 0 takes any free one")
        httpPortFile = reader.optionalText(
            "http-port-file", help: "file to write the port to, once it is known")
        logLevel = Self.logLevel(&reader)
        logForm = Self.logForm(&reader)
        concurrency = reader.integer(
            "concurrency", default: 4, in: 1...256, help: "events handled at the same time")
        stopLimit = .seconds(
            reader.integer(
                "stop-limit", default: 20, in: 0...600,
                help: "seconds for what is in hand after SIGTERM"))
        retries = Self.retries(&reader)
        breaker = Self.breaker(&reader)
        diskLow = reader.integer(
            "disk-low", default: 5, in: 0...50,
            help: "free parts of a hundred of a disk below which it is told of")
    }

    private static func breaker(_ reader: inout SettingsReader) -> CircuitBreaker {
        let limit = reader.integer(
            "breaker-limit", default: 5, in: 1...10_000,
            help: "so many different events that fail in a row, with none handled between, pause "
                + "the service: then one at a time finds out whether that is over")
        let pause = reader.integer(
            "breaker-pause", default: 5, in: 1...60,
            help: "seconds until the first of those; the pause then doubles up to a minute")
        return CircuitBreaker(
            limit: limit, pauses: Backoff(from: .seconds(pause), upTo: .seconds(60)))
    }

    private static func broker(_ reader: inout SettingsReader) -> BrokerAddress? {
        let url = reader.text("broker-url", help: "amqp://user@host:5672/vhost, or amqps://")
        let password = reader.secret("broker-password", help: "password of the broker's user")
        let authority = reader.optionalText(
            "broker-ca", help: "PEM file of the authority behind the broker's certificate")
        guard !url.isEmpty else { return nil }
        do {
            return try BrokerAddress(
                url: url, password: password,
                passwordSource: reader.source(ofSecret: "broker-password"),
                certificateAuthority: authority)
        } catch {
            reader.complain("`broker-url`: \(error.reason)")
            return nil
        }
    }

    /// Queue names hold it, so it must be made of what a host name is made of.
    private static func hostName(_ reader: inout SettingsReader) -> String {
        let name = reader.text(
            "host", default: ProcessInfo.processInfo.hostName, help: "this host's name in events")
        let isPlain = name.utf8.allSatisfy {
            $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20
        }
        if name.isEmpty || !isPlain {
            reader.complain("`host` is `\(name)`; use letters, digits, `-`, `_` and `.`")
        }
        return name
    }

    private static func logLevel(_ reader: inout SettingsReader) -> Log.Level {
        let names = Log.Level.allCases.map(\.name)
        let word = reader.text(
            "log-level", default: Log.Level.info.name, help: names.joined(separator: ", "))
        if let level = Log.Level.allCases.first(where: { $0.name == word }) { return level }
        reader.complain("`log-level` is `\(word)`; it must be \(names.joined(separator: ", "))")
        return .info
    }

    private static func logForm(_ reader: inout SettingsReader) -> Log.Form? {
        let help = "json or text; default: text on a terminal, else json"
        guard let word = reader.optionalText("log-form", help: help) else { return nil }
        if let form = Log.Form(rawValue: word) { return form }
        reader.complain("`log-form` is `\(word)`; it must be json or text")
        return nil
    }

    private static func retries(_ reader: inout SettingsReader) -> RetryPolicy {
        let longest = DelayLevel.all.map(\.seconds).max() ?? 0
        let text = reader.text(
            "retry-delays", default: "15,60",
            help: "seconds before each further attempt at an event, at most \(longest) each")
        let seconds = text.split(separator: ",").map {
            Int($0.trimmingCharacters(in: .whitespaces))
        }
        let valid = seconds.compactMap(\.self).filter { (1...longest).contains($0) }
        if valid.count != seconds.count || valid.count > 10 {
            reader.complain(
                "`retry-delays` is `\(text)`; write at most ten numbers from 1 to \(longest), "
                    + "e.g. 15,60")
        }
        return RetryPolicy(delays: valid.map { .seconds($0) })
    }
}
