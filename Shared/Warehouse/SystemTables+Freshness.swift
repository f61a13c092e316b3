extension SystemSchema {
    /// What the clock of freshness knows.
    static let freshnessTable = """
        create table millrace.freshness (
            pipeline text not null,
            "table" text not null,
            check_name text not null,
            -- Another rule begins anew.
            rule jsonb not null,
            -- From when on it is watched: what was due before is owed to nobody.
            since timestamptz not null default now(),
            looked_at timestamptz not null default now(),
            -- When something should have come; null while all is well.
            missed_at timestamptz,
            message text,
            -- Counts misses; makes the ids of what is said of them.
            number int not null default 0,
            -- What is still to be said.
            owed text check (owed in ('raised', 'resolved')),
            primary key (pipeline, "table", check_name)
        );
        grant select on millrace.freshness to millrace_reader;
        create index on millrace.ledger (pipeline, dataset, committed_at desc);
        """
}
