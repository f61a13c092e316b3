extension SystemSchema {
    /// What became of the elements of records that are rows of tables of their own.
    static let childCounts = """
        create table millrace.child_counts (
            -- The entry of the records' object in the ledger, or in millrace.replaced.
            source_id bigint not null,
            "table" text not null,
            read bigint not null,
            published bigint not null,
            superseded bigint not null,
            filtered bigint not null,
            rejected bigint not null,
            check (read = published + superseded + filtered + rejected),
            primary key (source_id, "table")
        );
        grant select on millrace.child_counts to millrace_reader;
        """
}
