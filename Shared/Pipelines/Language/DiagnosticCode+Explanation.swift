extension DiagnosticCode {
    /// What the mistake means and what to do, for `millrace lint --explain`.
    public var explanation: String {
        Self.filesAndValues[self] ?? Self.pipelines[self] ?? Self.checks[self] ?? Self.live[self]
            ?? ""
    }

    private static let filesAndValues: [DiagnosticCode: String] = [
        .unreadableFile:
            """
        A file is missing or cannot be read. A pipeline is a folder with a `pipeline.yaml`; \
        SQL files are named from that folder on, like `models/best_books.sql`.
        """,
        .badBytes:
            """
        Pipelines are UTF-8 text without NUL or other control characters. Save the file as \
        UTF-8.
        """,
        .syntax:
            """
        The file is not YAML. Most often the indentation is off, a quote or bracket is open, \
        or a text with `: `, `#`, `*` or `@` in it wants quotes. Tabs cannot indent.
        """,
        .refusedYAML:
            """
        Anchors (`&x`), aliases (`*x`), tags (`!x`), keys that are no texts and second \
        documents are YAML, but make a file hard to read and a small one huge. What several \
        datasets share goes into `defaults`.
        """,
        .tooLarge:
            """
        A file has at most 1 MiB, 100,000 values and 32 levels. What is larger is data, and \
        data goes through the pipeline, not into it.
        """,
        .wrongKind:
            """
        A list, a mapping or a text stands where another of them is expected, or nothing \
        stands there at all.
        """,
        .ambiguousText:
            """
        Readers of YAML take a plain `no`, `off`, `0123`, `0x1F`, `12:30` or `2020-02-01` \
        for a boolean, a number or a date. Where a text is expected, say that it is one: put \
        it in double quotes.
        """,
        .badValue:
            """
        The value cannot be what it should be: a boolean is `true` or `false`, a duration \
        has a unit (`250ms`, `2s`, `1m`), a delimiter is one ASCII character, a time format \
        has the specifiers of strptime.
        """,
        .unknownWord:
            """
        Only certain words can stand there; the message lists them. Types are smallint, \
        integer, bigint, double, boolean, text, date, timestamp, timestamptz, decimal and \
        json.
        """,
        .unknownKey:
            """
        Nothing is called that. Keys are never ignored: a misspelt one would silently change \
        what the pipeline does. The message lists the keys that can stand there.
        """,
        .missingKey:
            """
        Something that cannot be guessed is not said. The message shows what to write.
        """,
        .duplicateKey:
            """
        The same key stands twice in one mapping. YAML readers differ in which of the two \
        counts; here neither does.
        """,
        .empty:
            """
        A list, a mapping, a file or a SELECT is empty. Remove it, or put something in.
        """,
    ]

    private static let pipelines: [DiagnosticCode: String] = [
        .badName:
            """
        Names become parts of tables, keys, URLs and file names. They are lower-case ASCII \
        letters, digits and `_`, start with a letter, and have at most 40 of them. A field \
        whose own name differs is named with `field`.
        """,
        .reservedName:
            """
        The name belongs to Millrace (`_object`, `_line`, `_source_id`, `input`, `table`, \
        the schemas `millrace…`) or to PostgreSQL (`ctid`, `xmin`, the schemas `pg_…`).
        """,
        .usedName:
            """
        Datasets, models and parameters share one space of names, since SQL names all of \
        them as `{{name}}`. Checks of one table need different names, and two columns cannot \
        read one field.
        """,
        .unknownColumn:
            """
        A key, a check or `newest_by` names a column that the dataset does not have.
        """,
        .unknownTable:
            """
        A reference names a dataset or model that the pipeline does not have. References go \
        to `table.column` in the same pipeline.
        """,
        .unknownSlot:
            """
        `{{name}}` in SQL stands for a dataset, a model or a parameter of the pipeline; in a \
        check also `{{table}}`, in a transform only `{{input}}`.
        """,
        .repeatedItem:
            """
        The same item stands twice in a list where it can only count once.
        """,
        .unknownVariable:
            """
        `${name}` in a value stands for a variable, or in a template for an input. What is no \
        name but the text `${` is written `$${`. SQL has parameters instead: `{{name}}`.
        """,
        .unknownEnvironment:
            """
        `--env`, or else MILLRACE_ENV, chooses one of the pipeline's `environments`. One that \
        is not there is never taken for another.
        """,
        .misplacedOption:
            """
        The option has no effect there: `format` is for dates and times, \
        `collapse_whitespace` for texts, `min` and `max` for what has an order, `newest_by` \
        for a merge.
        """,
        .valueOfOtherType:
            """
        A limit, an accepted value or a parameter is no value of the type that it belongs \
        to. A timestamptz needs an offset, a timestamp has none.
        """,
        .reversedLimits:
            """
        `min` is above `max`, so nothing would pass.
        """,
        .keylessMerge:
            """
        A merge replaces older versions of the same row, and needs the columns that say \
        which row is the same. Without such columns, append.
        """,
        .optionalKey:
            """
        Rows need the column (it is required, in the key, or `newest_by`), and `optional` \
        says that it may be missing.
        """,
        .sharedFiles:
            """
        Two datasets take the same files of the same folder, and a file can go to one of \
        them only.
        """,
    ]

    private static let checks: [DiagnosticCode: String] = [
        .badPath:
            """
        Paths stay where they belong: SQL files below the pipeline's folder, sources below \
        the inbox or absolute, without `.` and `..`. Patterns fit names, not paths.
        """,
        .badSQL:
            """
        SQL in a pipeline is one SELECT (or WITH … SELECT) with its quotes and comments \
        closed. It is run inside other SQL, so nothing can follow it.
        """,
        .quotedSlot:
            """
        `{{name}}` is filled in in code only. A parameter comes as a literal with its own \
        quotes and type, a dataset or model as a quoted table name; in quotes it would stay \
        as it is.
        """,
        .unusedInput:
            """
        A model must read a dataset, or nothing would ever refresh it; a check must read \
        `{{table}}`, or it would not look at the data at hand; a transform must read \
        `{{input}}`.
        """,
        .cycle:
            """
        Models read one another in a circle, so there is no order to refresh them in.
        """,
        .badCheck:
            """
        A check is a list item with one rule (not_null, unique, regex, sql and so on) and, \
        beside it where wanted, `name`, `scope`, and `severity` or what is borne: `warn: 1%`, \
        `block: 5%`.
        """,
        .lateBlock:
            """
        A blocking check holds back a batch that waits in staging. A model is computed when \
        the batch is published, so its checks can only warn.
        """,
        .secret:
            """
        A pipeline is kept in the lake for good, in every revision, and is read by all \
        services. Passwords, keys and tokens belong into the services' settings.
        """,
        .earlyReference:
            """
        A blocking check looks at staging, before the batch is published. When reviews and \
        their books arrive together, the books may not be there yet, and the reviews would \
        be refused. A warning looks after the publish.
        """,
        .unusedParameter:
            """
        No model and no check names the parameter as `{{name}}`.
        """,
        .unusedVariable:
            """
        No value names the variable or input as `${name}`, in any environment or instance.
        """,
        .unusedFile:
            """
        A SQL file lies in the folder and nothing names it, so it will not be part of the \
        revision; or a file in `instances` does not end in `.yaml`.
        """,
    ]
}
