import Outbound
import Postgres
import Settings

/// The settings of the notifier alone.
struct NotifierSettings: Sendable {
    var warehouse: PostgresAddress?
    /// Nil where no mail goes out.
    var mail: (server: MailServer, sender: MailAddress)?
    /// Private addresses that webhooks may reach.
    var allowed: [Network]
    /// The folder whose programs may be run; nil for none.
    var commands: String?
    var certificateAuthorities: String?
    /// Of subscriptions that have no policy of their own.
    var retries: RetryPolicy
    var disabling: DisableRule
    var grouping: Grouping
    var pages: PageSettings
    /// Where pipelines are; nil where nothing that they say about alerts is known.
    var lake: String?
    var backlogMessages: Int

    init(reading reader: inout SettingsReader) {
        warehouse = Self.warehouse(&reader)
        certificateAuthorities = reader.optionalText(
            "outbound-ca", help: "PEM file of the authorities trusted by mail and webhooks")
        mail = Self.mail(&reader, authorities: certificateAuthorities)
        allowed = Self.networks(&reader)
        commands = reader.optionalText(
            "command-allow", help: "folder whose programs subscriptions may have run")
        retries = Self.retries(&reader)
        disabling = DisableRule.usual
        disabling.after = .seconds(
            reader.integer(
                "disable-after", default: 5 * 86_400, in: 60...365 * 86_400,
                help: "seconds of constant failure after which a subscription is disabled"))
        grouping = Grouping(reading: &reader)
        pages = PageSettings(reading: &reader)
        lake = reader.optionalText(
            "lake", help: "the object store, for what pipelines say about their alerts")
        backlogMessages = reader.integer(
            "backlog-messages", default: 10_000, in: 1...1_000_000_000,
            help: "more messages in a service's queue are an alert")
    }

    private static func warehouse(_ reader: inout SettingsReader) -> PostgresAddress? {
        let url = reader.text("warehouse-url", help: "postgres://user@host:5432/database")
        let password = reader.secret("warehouse-password", help: "password of the warehouse's user")
        do {
            return url.isEmpty ? nil : try PostgresAddress(url: url, password: password)
        } catch {
            reader.complain("`warehouse-url`: \(error.message)")
            return nil
        }
    }

    private static func mail(
        _ reader: inout SettingsReader, authorities: String?
    ) -> (server: MailServer, sender: MailAddress)? {
        let url = reader.optionalText(
            "smtp-url", help: "smtp://host:587 or smtps://host:465; without it no mail goes out")
        let from = reader.optionalText("smtp-from", help: "sender: Millrace <millrace@example.org>")
        let user = reader.optionalText("smtp-user", help: "user of the mail server")
        let password = reader.secret("smtp-password", help: "password of that user")
        let encryption = reader.choice(
            "smtp-tls", default: MailServer.Encryption.required,
            help: "required, or off for a mail server on this host")
        guard let url else { return nil }
        guard let sender = from.flatMap(MailAddress.init) else {
            reader.complain(
                "`smtp-from` is \(from.map { "`\($0)`" } ?? "missing"); with `smtp-url` it must be "
                    + "an address, e.g. millrace@example.org")
            return nil
        }
        do {
            let server = try MailServer(
                url: url, user: user, password: password, encryption: encryption,
                certificateAuthorities: authorities)
            return (server, sender)
        } catch {
            reader.complain("`smtp-url`: \(error.reason)")
            return nil
        }
    }

    private static func networks(_ reader: inout SettingsReader) -> [Network] {
        let help = "networks inside that webhooks may reach, e.g. 127.0.0.0/8,10.1.0.0/16"
        let texts = (reader.optionalText("webhook-allow", help: help) ?? "").listed
        return texts.compactMap { text in
            let network = Network(text)
            if network == nil {
                reader.complain("`webhook-allow`: `\(text)` is not a network such as 10.1.0.0/16")
            }
            return network
        }
    }

    private static func retries(_ reader: inout SettingsReader) -> RetryPolicy {
        let help = "seconds before the second try of a delivery, the third, …"
        let texts = reader.text("delivery-delays", default: "15,60", help: help).listed
        let delays = texts.compactMap { text -> Duration? in
            guard let seconds = Double(text), (0...86_400).contains(seconds) else {
                reader.complain("`delivery-delays`: `\(text)` is not a number of seconds")
                return nil
            }
            return .seconds(seconds)
        }
        return RetryPolicy(delays: delays)
    }
}

extension String {
    /// The parts between commas.
    fileprivate var listed: [String] {
        split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}
