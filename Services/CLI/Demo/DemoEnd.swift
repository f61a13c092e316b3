/// The last lines of a demo: what to type next.
struct DemoEnd {
    private let plan: DemoPlan
    private let console: Console

    init(_ plan: DemoPlan, _ console: Console) {
        self.plan = plan
        self.console = console
    }

    func say() {
        let flag = plan.dataFlag
        let start =
            plan.isKept
            ? "  the stack runs; its mailbox is gone: set MILLRACE_SMTP_URL for mail of your own"
            : "  millrace up --detach\(flag)   # the same stack, with its data"
        console.line(
            """

            \(console.paint("Next", .strong))
            \(start)
              millrace runs\(flag)
              millrace show RUN\(flag)
              millrace query "select title from goodreads.popular_books_review_count"\(flag)
              millrace rejects list\(flag)
              millrace put goodreads reviews FILE.csv --wait\(flag)
              millrace down\(flag)
            """)
    }
}
