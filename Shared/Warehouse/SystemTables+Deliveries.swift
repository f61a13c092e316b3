extension SystemSchema {
    /// How each subscription is delivered to, and what became of every attempt.
    static let deliveryTables = """
        alter table millrace.subscriptions
            -- As SNS writes it; null for the notifier's own.
            add column delivery_policy jsonb,
            -- The least time between two attempts.
            add column throttle_seconds double precision not null generated always as (coalesce(
                1 / (delivery_policy #>> '{throttlePolicy,maxReceivesPerSecond}')::float8,
                60 / (delivery_policy #>> '{throttlePolicy,maxReceivesPerMinute}')::float8,
                0)) stored,
            add column next_slot_at timestamptz not null default '-infinity',
            -- One notifier has an attempt in hand: until then, or until its session is gone.
            add column leased_by bigint,
            add column leased_until timestamptz,
            -- The secret before the last rotation; signs beside the new one until then.
            add column previous_secret text,
            add column previous_secret_until timestamptz,
            -- Networks inside that its webhook may reach.
            add column allow_private text[] not null default '{}',
            -- Every attempt since then has failed; so many deliveries have run out of tries.
            add column failing_since timestamptz,
            add column failures int not null default 0,
            add column disabled_reason text,
            add column enabled_at timestamptz,
            -- What an alert has still to say of it.
            add column owed_word text check (owed_word in ('disabled', 'enabled'));
        create index on millrace.subscriptions (leased_until) where leased_until is not null;
        create index on millrace.subscriptions (owed_word) where owed_word is not null;
        grant select (delivery_policy, allow_private, failing_since, failures, disabled_reason)
            on millrace.subscriptions to millrace_reader;

        alter table millrace.deliveries
            drop column leased_until,
            -- Attempts that came to an end since it was made or sent again; `attempts` counts all.
            add column tries int not null default 0;
        create index on millrace.deliveries (created_at);
        create index on millrace.deliveries (subscription_id, created_at) where state = 'failed';

        create table millrace.delivery_attempts (
            delivery_id text not null references millrace.deliveries on delete cascade,
            attempt int not null,
            notifier text not null,
            started_at timestamptz not null default now(),
            -- Null while it goes on, and where its notifier was killed in the middle.
            ended_at timestamptz,
            outcome text check (outcome in ('sent', 'postponed', 'failed')),
            response_code int,
            -- The beginning of what the other side answered.
            answer text,
            error text,
            primary key (delivery_id, attempt)
        );
        grant select on millrace.delivery_attempts to millrace_reader;
        """
}

extension SystemSchema {
    /// What the other side of a webhook understands.
    static let adapterColumns = """
        alter table millrace.subscriptions
            -- Null for Millrace's own body.
            add column adapter text check (adapter in ('text', 'slack', 'teams', 'template')),
            add column template jsonb,
            add check ((adapter is not distinct from 'template') = (template is not null));
        grant select (adapter, template) on millrace.subscriptions to millrace_reader;
        """
}
