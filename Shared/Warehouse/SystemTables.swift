extension SystemSchema {
    /// What became of objects, batches, records and models.
    static let runTables = """
        create table millrace.ledger (
            source_id bigint generated always as identity primary key,
            pipeline text not null,
            dataset text not null,
            object text not null,
            batch text not null,
            revision text not null,
            name text not null,
            bytes bigint not null,
            sha256 text,
            read bigint not null,
            published bigint not null,
            superseded bigint not null,
            filtered bigint not null,
            rejected bigint not null,
            committed_at timestamptz not null default now(),
            unique (pipeline, dataset, object)
        );
        create index on millrace.ledger (batch);
        create index on millrace.ledger (sha256);

        create table millrace.runs (
            batch text primary key,
            pipeline text not null,
            dataset text not null,
            revision text not null,
            state text not null check (
                state in ('transformed', 'staged', 'approved', 'published', 'refused', 'failed')),
            objects int not null,
            read bigint not null,
            published bigint not null,
            superseded bigint not null,
            filtered bigint not null,
            rejected bigint not null,
            times jsonb not null,
            reasons text[] not null default '{}',
            processed text,
            started_at timestamptz not null,
            updated_at timestamptz not null default now(),
            -- The transaction that published it: tells whether a later snapshot has it.
            published_in xid8
        );
        create index on millrace.runs (started_at desc);

        create table millrace.rejects (
            reject_id bigint generated always as identity primary key,
            pipeline text not null,
            dataset text not null,
            batch text not null,
            object text not null,
            line bigint,
            "column" text,
            reason text not null,
            message text not null,
            raw text,
            rejected_at timestamptz not null default now()
        );
        create index on millrace.rejects (batch);

        create table millrace.models (
            pipeline text not null,
            model text not null,
            batch text not null,
            revision text not null,
            rows bigint not null,
            milliseconds int not null,
            began_at timestamptz not null,
            refreshed_at timestamptz not null,
            -- What the refresh saw, at least, and the transaction that made it seen.
            snapshot pg_snapshot not null,
            refreshed_in xid8 not null,
            primary key (pipeline, model)
        );
        """

    /// The history of checks.
    static let checkTables = """
        create table millrace.check_results (
            check_id bigint generated always as identity primary key,
            pipeline text not null,
            "table" text not null,
            check_name text not null,
            severity text not null,
            batch text,
            passed boolean not null,
            failing bigint not null,
            observed text,
            message text not null,
            samples jsonb,
            milliseconds int not null,
            checked_at timestamptz not null default now(),
            unique (pipeline, "table", check_name, batch)
        );
        create index on millrace.check_results (pipeline, "table", check_name, checked_at desc);
        create index on millrace.check_results (batch);
        """

    /// Who wants to know what, what there was to know, and who was told.
    static let alertTables = """
        create table millrace.subscriptions (
            subscription_id text primary key,
            topic text not null,
            -- Null: alerts of every pipeline.
            pipeline text,
            email text,
            webhook text,
            -- Signs what goes to the webhook; nobody but the owner reads it.
            secret text,
            created_at timestamptz not null default now(),
            disabled_at timestamptz,
            check (num_nonnulls(email, webhook) = 1),
            check (webhook is null or secret is not null),
            unique nulls not distinct (topic, pipeline, email, webhook)
        );

        create table millrace.alerts (
            alert_id text primary key,
            kind text not null check (kind in ('raised', 'resolved')),
            key text not null,
            topic text not null,
            severity text not null,
            pipeline text not null,
            dataset text not null,
            batch text,
            title text not null,
            detail text not null,
            command text,
            raised_at timestamptz not null,
            resolved_at timestamptz
        );
        create index on millrace.alerts (key) where resolved_at is null;

        create table millrace.deliveries (
            delivery_id text primary key,
            subscription_id text not null references millrace.subscriptions on delete cascade,
            alert_id text not null references millrace.alerts on delete cascade,
            state text not null check (state in ('pending', 'sent', 'failed')),
            attempts int not null default 0,
            next_attempt_at timestamptz,
            -- Until then one notifier has it in hand.
            leased_until timestamptz,
            last_error text,
            response_code int,
            created_at timestamptz not null default now(),
            delivered_at timestamptz,
            unique (subscription_id, alert_id)
        );
        create index on millrace.deliveries (subscription_id, next_attempt_at)
            where state = 'pending';
        create index on millrace.deliveries (alert_id);
        """

    /// Everything but the secrets of subscriptions.
    ///
    /// Roles belong to the server, not to the database: another database's migration may make this
    /// one at the same moment. A superuser counts as a member of every group.
    static let readerGrants = """
        do $$
        begin
            if not exists (select from pg_roles where rolname = 'millrace_reader') then
                create role millrace_reader nologin;
            end if;
        exception when duplicate_object or unique_violation then
            null;
        end
        $$;
        do $$
        begin
            if not pg_has_role(current_user, 'millrace_reader', 'member') then
                grant millrace_reader to current_user;
            end if;
        end
        $$;
        grant usage on schema millrace, millrace_staging to millrace_reader;
        grant select on all tables in schema millrace to millrace_reader;
        revoke select on millrace.subscriptions from millrace_reader;
        grant select
            (subscription_id, topic, pipeline, email, webhook, created_at, disabled_at)
            on millrace.subscriptions to millrace_reader;
        """

    /// Where a record was rejected: by the transform, or by the warehouse itself.
    static let rejectStage = """
        alter table millrace.rejects add column stage text not null default 'transform'
            check (stage in ('transform', 'load'));
        """
}
