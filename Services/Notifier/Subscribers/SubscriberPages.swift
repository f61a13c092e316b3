import Events
import HTTPServer
import Service
import Telemetry
import Warehouse

/// Answers what subscribers ask for: to confirm, and to leave.
///
/// Opening a link changes nothing, since programs that look for bad links open all of them; its
/// page's button does. A webhook's link was given to a program, so opening it confirms.
struct SubscriberPages: Sendable {
    let subscriptions: Subscriptions
    let links: SubscriptionLinks
    let context: ServiceContext

    func respond(to request: HTTPServerRequest) async -> HTTPServerResponse {
        // A proxy may serve it below another path.
        let isConfirming = request.path.hasSuffix("/confirm")
        guard isConfirming || request.path.hasSuffix("/unsubscribe") else {
            return Page.notice(
                404, "Nothing is here", "Please open the link of a mail as it stands.")
        }
        guard ["GET", "HEAD", "POST"].contains(request.method) else {
            var refusal = Page.notice(405, "That is not possible here", "Please open the link.")
            refusal.headers.append(("Allow", "GET, HEAD, POST"))
            return refusal
        }
        do {
            return isConfirming ? try await confirm(request) : try await leave(request)
        } catch {
            context.log.error("page not served", ["error": "\(error)"])
            return Page.notice(
                503, "Please try again", "Something is away just now; it comes back.")
        }
    }

    // What is said to whoever opens a link to confirm.

    private func confirm(_ request: HTTPServerRequest) async throws -> HTTPServerResponse {
        let token = request.query["token"] ?? ""
        let answer = try await subscriptions.read(token: token)
        guard case .confirmed(let subscription) = answer else { return page(of: answer) }
        let isProgram = subscription.channel == .webhook && request.method == "GET"
        guard request.method == "POST" || isProgram else {
            return Page.question(
                "Alerts from Millrace",
                "Alerts about \(subscription.wish) are to be sent to \(subscription.target).",
                button: "Confirm")
        }
        let done = try await subscriptions.confirm(token: token, by: "link")
        context.log.info("subscription confirmed", ["subscription.id": subscription.id])
        return page(of: done)
    }

    private func page(of answer: Subscriptions.Answer) -> HTTPServerResponse {
        switch answer {
        case .confirmed(let subscription):
            Page.notice(
                200, "Confirmed",
                "Alerts about \(subscription.wish) are sent to \(subscription.target) from now on.")
        case .used:
            Page.notice(
                410, "This link was used already",
                "It works once. Whoever subscribed you can have another one sent.")
        case .expired:
            Page.notice(
                410, "This link is too old",
                "It worked for \(Subscriptions.confirmationDays) days. Whoever subscribed you can "
                    + "have another one sent.")
        case .unknown:
            Page.notice(
                404, "This link is not known",
                "Please open it as it stands in the mail, whole. It may also be that the "
                    + "subscription is over.")
        }
    }

    // What is said to whoever opens a link to leave.

    private func leave(_ request: HTTPServerRequest) async throws -> HTTPServerResponse {
        let id = request.query["subscription"] ?? ""
        guard links.verifies(request.query["token"] ?? "", of: id) else {
            return page(of: .unknown)
        }
        guard let subscription = try await subscriptions.find(id),
            subscription.state != .unsubscribed
        else { return Self.farewell }
        guard request.method == "POST" else {
            return Page.question(
                "Alerts from Millrace",
                "Alerts about \(subscription.wish) are sent to \(subscription.target).",
                button: "Unsubscribe")
        }
        _ = try await subscriptions.unsubscribe(id)
        context.log.info("subscriber left", ["subscription.id": id])
        return Self.farewell
    }

    private static let farewell = Page.notice(
        200, "You are unsubscribed",
        "Nothing more is sent to you by this subscription. To come back, have yourself subscribed "
            + "anew; you are asked to confirm then.")
}
