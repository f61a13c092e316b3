extension SystemSchema {
    /// What replays have replaced. The ledger itself has one row for each object that is published.
    static let replayTables = """
        alter table millrace.runs add column replay_of text;
        create index on millrace.runs (replay_of) where replay_of is not null;
        -- Of an object that was replayed: its first entry, which says when it came.
        alter table millrace.ledger add column first_id bigint;

        create table millrace.replaced (
            like millrace.ledger,
            -- The batch whose entry of the object stands in the ledger instead.
            replaced_by text not null,
            replaced_at timestamptz not null default now(),
            primary key (source_id)
        );
        create index on millrace.replaced (batch);
        create index on millrace.replaced (pipeline, dataset, object);

        create view millrace.ledger_history as
            select source_id, pipeline, dataset, object, batch, revision, name, bytes, sha256, read,
                published, superseded, filtered, rejected, committed_at, null as replaced_by
            from millrace.ledger
            union all
            select source_id, pipeline, dataset, object, batch, revision, name, bytes, sha256, read,
                published, superseded, filtered, rejected, committed_at, replaced_by
            from millrace.replaced;
        grant select on millrace.replaced, millrace.ledger_history to millrace_reader;
        """
}
