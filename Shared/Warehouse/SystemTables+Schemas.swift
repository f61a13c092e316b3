extension SystemSchema {
    /// What the tables of datasets were like, and what changed them.
    static let schemaTables = """
        create table millrace.schema_versions (
            pipeline text not null,
            dataset text not null,
            version int not null,
            revision text not null,
            -- Who asked for it: a batch and the first of its objects with such data.
            batch text,
            object text,
            -- All columns after it: name, field, type, origin.
            columns jsonb not null,
            changes text[] not null,
            -- False where the pipeline asked for it, and not the data.
            is_evolution boolean not null,
            changes_types boolean not null,
            changed_at timestamptz not null default now(),
            primary key (pipeline, dataset, version)
        );
        create index on millrace.schema_versions (batch);
        grant select on millrace.schema_versions to millrace_reader;
        """
}
