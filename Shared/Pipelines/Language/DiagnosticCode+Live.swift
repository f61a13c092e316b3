extension DiagnosticCode {
    /// What `millrace lint --live` found in the systems.
    static let live: [DiagnosticCode: String] = [
        .unreachable:
            """
        The warehouse gave no answer, so nothing is known of what is there. `millrace doctor` \
        says what is wrong with it.
        """,
        .liveConflict:
            """
        The table in the warehouse has another type, or was not made by Millrace. A table is \
        never altered but for new columns, so batches would fail.
        """,
        .liveKey:
            """
        The table in the warehouse has another primary key than `load.key` says, or rows that \
        share the new one. Give the dataset another name, or put the table in order first.
        """,
        .liveSQL:
            """
        The warehouse cannot plan the SQL over the tables as they are, or as they would be \
        made. Nothing is run for that: the tables are empty copies.
        """,
        .livePermission:
            """
        The user that the services log in as lacks a right in the warehouse. The fix names it.
        """,
        .missingFolder:
            """
        A source's folder is not there, or may not be read, on this host. Ingest makes folders \
        below its inbox by itself, and none elsewhere.
        """,
    ]
}
