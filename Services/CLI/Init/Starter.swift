/// A small pipeline that works, with data that has a few dirty rows on purpose.
enum Starter: String, CaseIterable {
    case csv, jsonl, many

    /// The files, by their names below the folder.
    ///
    /// - Parameter name: The pipeline's; for `many` the end of each pipeline's.
    func files(named name: String) -> [String: String] {
        switch self {
        case .csv:
            [
                "pipeline.yaml": pipeline(named: name, format: "csv"),
                "models/best_customers.sql": Self.sql, "samples/orders.csv": Self.orders,
                "tests/orders.yaml": Self.test("orders.csv", line: 4),
                "README.md": readme(named: name, file: "samples/orders.csv"),
            ]
        case .jsonl:
            [
                "pipeline.yaml": pipeline(named: name, format: "jsonl"),
                "models/best_customers.sql": Self.sql, "samples/orders.jsonl": Self.lines,
                "tests/orders.yaml": Self.test("orders.jsonl", line: 3),
                "README.md": readme(named: name, file: "samples/orders.jsonl"),
            ]
        case .many:
            [
                "template.yaml": template(named: name),
                "instances/acme.yaml": "partner: acme\n",
                "instances/zeta.yaml": "partner: zeta\ntop_n: 3\n",
                "models/best_customers.sql": Self.sql, "samples/orders.csv": Self.orders,
                "tests/orders.yaml": "pipeline: acme_\(name)\n"
                    + Self.test("orders.csv", line: 4),
                "README.md": readme(named: "acme_\(name)", file: "samples/orders.csv"),
            ]
        }
    }

    private func pipeline(named name: String, format: String) -> String {
        """
        \(NewFolder.schemaLine)
        name: \(name)
        description: Orders, and who buys most

        parameters:
          top_n: {type: integer, value: 10}      # {{top_n}} in SQL

        \(Self.body(path: "\(name)/orders", format: format))
        """
    }

    private func template(named name: String) -> String {
        """
        \(NewFolder.schemaLine)
        name: ${partner}_\(name)
        description: Orders of one partner, and who buys most

        inputs:                                  # each file in instances/ sets them
          partner: {type: text, required: true, description: whose orders}
          top_n: {type: integer, default: 10}

        parameters:
          top_n: {type: integer, value: "${top_n}"}

        \(Self.body(path: "${partner}/orders", format: "csv"))
        """
    }

    private static func body(path: String, format: String) -> String {
        """
        datasets:
          orders:
            source:
              files: "\(path)"     # below the inbox
            format: \(format)
            columns:
              order_id: bigint required
              customer: {type: text, collapse_whitespace: true}
              amount: {type: decimal, min: 0, nulls: ["", "n/a"]}
              ordered_at: timestamptz
            load: {mode: merge, key: order_id, newest_by: ordered_at}
            checks:
              - not_null: customer
                severity: warn

        models:
          best_customers:
            sql: models/best_customers.sql
            key: customer

        """
    }

    private static let sql = """
        select customer, count(*) as orders, sum(amount) as amount
        from {{orders}}
        where customer is not null
        group by customer
        order by amount desc nulls last, customer
        limit {{top_n}}

        """

    /// Line 4 has no amount that is one, line 5 a null, line 6 the newer state of order 1.
    private static let orders = """
        order_id,customer,amount,ordered_at
        1,Ada  Lovelace,12.50,2026-01-05T09:30:00Z
        2,"Hopper, Grace",80.00,2026-01-05T10:00:00Z
        3,Alan Turing,twelve,2026-01-05T10:30:00Z
        4,Alan Turing,n/a,2026-01-05T11:00:00Z
        1,Ada Lovelace,15.00,2026-01-06T08:00:00Z

        """

    private static let lines = """
        {"order_id":1,"customer":"Ada  Lovelace","amount":12.50,"ordered_at":"2026-01-05T09:30Z"}
        {"order_id":2,"customer":"Hopper, Grace","amount":80.00,"ordered_at":"2026-01-05T10:00Z"}
        {"order_id":3,"customer":"Alan Turing","amount":"twelve","ordered_at":"2026-01-05T10:30Z"}
        {"order_id":4,"customer":"Alan Turing","amount":null,"ordered_at":"2026-01-05T11:00Z"}
        {"order_id":1,"customer":"Ada Lovelace","amount":15.00,"ordered_at":"2026-01-06T08:00Z"}

        """

    private static func test(_ file: String, line: Int) -> String {
        """
        name: dirty orders
        given:
          orders: [{file: samples/\(file)}]
        expect:
          orders:
            rows:
              - {order_id: 1, customer: Ada Lovelace, amount: 15}
              - {order_id: 2, customer: "Hopper, Grace", amount: 80}
              - {order_id: 4, amount: null}
          rejects:
            orders: [{line: \(line), column: amount, reason: bad_value}]
          models:
            best_customers:
              rows:
                - {customer: "Hopper, Grace", orders: 1, amount: 80}
                - {customer: Ada Lovelace, orders: 1, amount: 15}
                - {customer: Alan Turing, orders: 1, amount: null}
              ordered: true

        """
    }

    private func readme(named name: String, file: String) -> String {
        """
        # \(name)

        ```sh
        millrace lint .          # every mistake, with its line
        millrace test .          # the cases in tests/, on the engine alone
        millrace up --detach     # the stack, on this machine
        millrace apply .
        millrace put \(name) orders \(file) --wait
        millrace query "select * from \(name).orders"
        millrace rejects list    # the row whose amount is no number
        ```

        Files that are put into the folder `orders` below the inbox are taken by themselves.

        """
    }
}
