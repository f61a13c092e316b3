extension SystemSchema {
    /// What services gave up on, what people were told of it, and what people did about it.
    static let deadLetterTables = """
        create table millrace.dead_letters (
            service text not null,
            -- The event's id, or one made for a message that has none.
            letter_id text not null,
            -- Where it came from and goes to again.
            queue text not null,
            kind text not null,
            pipeline text not null,
            dataset text not null,
            host text not null,
            reason text not null,
            error_class text not null,
            error_message text not null,
            -- The same for what fails in the same way.
            fingerprint text not null,
            attempts int not null,
            replays int not null,
            first_failed_at timestamptz not null,
            last_failed_at timestamptz not null,
            trace text,
            content_type text not null,
            headers jsonb not null,
            body bytea not null,
            state text not null default 'waiting' check (
                state in ('waiting', 'replaying', 'resolved', 'dropped')),
            -- Which failure it is that the columns above tell of; the earlier ones are history.
            failure text not null,
            history jsonb not null,
            archived_at timestamptz not null default now(),
            updated_at timestamptz not null default now(),
            -- Who sends it again, since when, and when the broker had it.
            claim text,
            claimed_at timestamptz,
            sent_at timestamptz,
            -- What told people of it; null while that is owed.
            alert_id text,
            primary key (service, letter_id)
        );
        create index on millrace.dead_letters (service, error_class, pipeline)
            where state in ('waiting', 'replaying');
        create index on millrace.dead_letters (service, error_class, pipeline)
            where state = 'waiting' and alert_id is null;
        create index on millrace.dead_letters (letter_id text_pattern_ops);

        -- Alerts about groups of letters, written down before they are said.
        create table millrace.dead_letter_alerts (
            alert_id text primary key,
            kind text not null check (kind in ('raised', 'resolved')),
            service text not null,
            error_class text not null,
            pipeline text not null,
            dataset text not null,
            letters int not null,
            sample jsonb,
            -- False once a later one says that it is over.
            is_open boolean not null,
            made_at timestamptz not null default now(),
            said_at timestamptz
        );
        create index on millrace.dead_letter_alerts (service, error_class, pipeline, made_at);
        create index on millrace.dead_letter_alerts (service, error_class, pipeline) where is_open;
        create index on millrace.dead_letter_alerts (made_at) where said_at is null;

        create table millrace.audit (
            audit_id bigint generated always as identity primary key,
            who text not null,
            verb text not null,
            arguments jsonb not null,
            -- How many things it was to touch, and touched; null while it runs or was cut short.
            selected int not null,
            done int,
            outcome text,
            began_at timestamptz not null default now(),
            ended_at timestamptz
        );

        grant select on millrace.dead_letters, millrace.dead_letter_alerts, millrace.audit
            to millrace_reader;
        """
}
