import Outbound

/// The links by which subscribers confirm and leave.
struct SubscriptionLinks: Sendable {
    /// Of the pages, without a slash at the end; nil where there are none.
    let url: String?
    let key: LinkKey

    /// Leads to the page on which the token confirms its subscription; nil without pages.
    func confirm(token: String) -> String? { url.map { "\($0)/confirm?token=\(token)" } }

    /// Leads to the page on which the subscriber leaves; nil without pages.
    func unsubscribe(_ subscription: String) -> String? {
        url.map {
            "\($0)/unsubscribe?subscription=\(subscription)&token=\(signature(subscription))"
        }
    }

    func verifies(_ token: String, of subscription: String) -> Bool {
        key.verifies(token, of: Self.purpose + subscription)
    }

    private func signature(_ subscription: String) -> String {
        key.sign(Self.purpose + subscription)
    }

    private static let purpose = "unsubscribe "
}
