extension SystemSchema {
    /// What a subscriber wants, and whether they have agreed to get it.
    static let subscriptionTables = """
        alter table millrace.subscriptions
            drop constraint subscriptions_check,
            drop constraint subscriptions_topic_pipeline_email_webhook_key,
            -- A program on the notifier's host.
            add column command text,
            -- Whether it gets the envelope or only what is in it.
            add column body text not null default 'envelope' check (body in ('envelope', 'raw')),
            -- A filter policy as it was written; null: everything.
            add column filter text,
            add column filter_scope text not null default 'attributes' check (
                filter_scope in ('attributes', 'body')),
            add column state text not null default 'pending' check (
                state in ('pending', 'confirmed', 'unsubscribed')),
            -- When somebody wished it, last.
            add column asked_at timestamptz not null default now(),
            -- When the subscriber is asked to confirm; null where that is not to be done.
            add column challenge_at timestamptz,
            add column challenges int not null default 0,
            -- Why the last one did not reach them.
            add column challenge_error text,
            add column confirmed_at timestamptz,
            -- `link`, `answer`, or the operator who vouched for it.
            add column confirmed_by text,
            add column unsubscribed_at timestamptz,
            add check (num_nonnulls(email, webhook, command) = 1);
        -- Whoever was told until now goes on to be.
        update millrace.subscriptions set state = 'confirmed', confirmed_at = created_at;
        create unique index subscriptions_once on millrace.subscriptions
            (topic, pipeline, email, webhook, command, (md5(filter_scope || filter)))
            nulls not distinct;
        create index on millrace.subscriptions (challenge_at) where challenge_at is not null;
        grant select (command, body, filter, filter_scope, state, asked_at, challenge_at,
            challenges, challenge_error, confirmed_at, confirmed_by, unsubscribed_at)
            on millrace.subscriptions to millrace_reader;

        -- The links that were sent out to confirm; nobody but the owner reads them.
        create table millrace.confirmations (
            -- SHA-256 of the token.
            token_hash text primary key,
            subscription_id text not null references millrace.subscriptions on delete cascade,
            sent_at timestamptz not null default now(),
            expires_at timestamptz not null,
            used_at timestamptz
        );
        create index on millrace.confirmations (subscription_id, sent_at);

        -- Signs the links by which subscribers leave; nobody but the owner reads it.
        create table millrace.link_key (
            is_only boolean primary key default true check (is_only),
            key text not null
        );
        insert into millrace.link_key (key)
            values (gen_random_uuid()::text || gen_random_uuid()::text);
        """
}
