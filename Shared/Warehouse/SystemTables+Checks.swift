extension SystemSchema {
    /// What checks measured, of what, and what they bear.
    static let measurementTables = """
        alter table millrace.check_results
            -- A batch in staging, or the table that readers see.
            add column scope text,
            add column measure text,
            add column value double precision,
            add column limits text,
            add column rows bigint;
        update millrace.check_results set scope = case
            when severity = 'block' and not exists (
                select from millrace.models
                where models.pipeline = check_results.pipeline
                    and models.model = check_results."table")
            then 'batch' else 'table' end;
        alter table millrace.check_results alter column scope set not null;
        create index on millrace.check_results (checked_at desc);
        """
}
