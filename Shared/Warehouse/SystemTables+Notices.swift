extension SystemSchema {
    /// Which subscription is to be told of which alerts, what holds that back, and what was told.
    ///
    /// Rules that decide whether an alert is told are functions here, so that the notifier, the
    /// command line and whoever reads the tables see the same.
    static let noticeTables = """
        create table millrace.silences (
            silence_id text primary key,
            -- A list of {name, op, value}; an alert that fits all of them is silenced.
            matchers jsonb not null,
            starts_at timestamptz not null,
            ends_at timestamptz not null,
            who text not null,
            comment text not null,
            created_at timestamptz not null default now(),
            check (ends_at >= starts_at)
        );
        create index on millrace.silences (ends_at);

        alter table millrace.alerts
            add column owner text,
            -- Weekly times in which nobody is told: {days, from, to, zone}.
            add column mutes jsonb;
        create index on millrace.alerts (key, raised_at desc);
        create index on millrace.alerts (topic) where kind = 'raised' and resolved_at is null;
        create index on millrace.alerts (raised_at desc);

        -- Null: told as it comes; 'hourly'; or 'daily 07:00 Europe/Berlin'.
        alter table millrace.subscriptions add column digest text;
        grant select (digest) on millrace.subscriptions to millrace_reader;

        -- Alerts of one topic and dataset are told together. Its lock makes a notifier the owner.
        create table millrace.alert_groups (
            subscription_id text not null references millrace.subscriptions on delete cascade,
            group_key text not null,
            -- When it is looked at next.
            due_at timestamptz not null,
            told_at timestamptz,
            -- The look that has it in hand.
            look text,
            primary key (subscription_id, group_key)
        );
        create index on millrace.alert_groups (due_at);
        create index on millrace.alert_groups (look) where look is not null;

        create table millrace.group_alerts (
            subscription_id text not null,
            group_key text not null,
            key text not null,
            -- The latest news of it, and the one that was told.
            alert_id text not null references millrace.alerts on delete cascade,
            told_id text,
            -- How often it was raised since it was told.
            raised int not null default 1,
            primary key (subscription_id, group_key, key),
            foreign key (subscription_id, group_key)
                references millrace.alert_groups on delete cascade
        );
        create index on millrace.group_alerts (key);
        create index on millrace.group_alerts (alert_id);

        -- A delivery tells of one alert or of several: an alert may be told again.
        alter table millrace.deliveries
            drop constraint deliveries_subscription_id_alert_id_key,
            add column reason text not null default 'news'
                check (reason in ('news', 'repeat', 'digest')),
            add column alerts jsonb,
            add column alert_count int not null default 1;

        create function millrace.fits(matchers jsonb, alert millrace.alerts) returns boolean
        language sql stable as $$
            select coalesce(bool_and(case matcher ->> 'op'
                when '=' then label = matcher ->> 'value'
                when '!=' then label <> matcher ->> 'value'
                when '=~' then label ~ ('^(?:' || (matcher ->> 'value') || ')$')
                when '!~' then label !~ ('^(?:' || (matcher ->> 'value') || ')$')
                end), false)
            from jsonb_array_elements(matchers) as matcher,
                lateral (select coalesce(jsonb_build_object('topic', alert.topic,
                    'severity', alert.severity, 'pipeline', alert.pipeline,
                    'dataset', alert.dataset, 'key', alert.key,
                    'owner', alert.owner) ->> (matcher ->> 'name'), '') as label) as labels
        $$;

        create function millrace.silence_of(alert millrace.alerts) returns text
        language sql stable as $$
            select silence_id from millrace.silences
            where starts_at <= now() and ends_at > now() and millrace.fits(matchers, alert)
            order by ends_at desc limit 1
        $$;

        -- A range that does not end after it begins goes on into the next day.
        create function millrace.is_mute_time(mutes jsonb, moment timestamptz) returns boolean
        language sql stable as $$
            select coalesce(bool_or(
                days @> to_jsonb(extract(isodow from local)::int) and clock >= "from"
                    and ("from" >= "to" or clock < "to")
                or "from" >= "to" and clock < "to"
                    and days @> to_jsonb(extract(isodow from local - interval '1 day')::int)),
                false)
            from jsonb_to_recordset(mutes)
                    as mute (days jsonb, "from" time, "to" time, zone text),
                lateral (select moment at time zone zone as local) as l,
                lateral (select local::time as clock) as c
        $$;

        -- Where a dataset or a service is down, what follows from that is no news.
        create function millrace.inhibitor_of(alert millrace.alerts) returns text
        language sql stable as $$
            select cause.alert_id from millrace.alerts as cause
            where cause.kind = 'raised' and cause.resolved_at is null and cause.key <> alert.key
                and (cause.topic in ('batch_refused', 'contract_broken', 'run_failed',
                        'model_failed')
                    and alert.topic in ('check_failed', 'check_warned', 'rejects_over',
                        'latency_slo', 'freshness_missed')
                    and cause.pipeline = alert.pipeline and cause.dataset = alert.dataset
                or cause.topic in ('service_down', 'service_paused')
                    and alert.topic in ('backlog', 'latency_slo', 'freshness_missed'))
            order by cause.raised_at limit 1
        $$;

        -- Why nobody is told of an alert now; null where nothing holds it back.
        create function millrace.held_by(alert millrace.alerts) returns text
        language sql stable as $$
            select coalesce('silenced by ' || millrace.silence_of(alert),
                case when alert.kind = 'raised'
                    then 'inhibited by ' || millrace.inhibitor_of(alert) end,
                case when alert.mutes is not null and millrace.is_mute_time(alert.mutes, now())
                    then 'muted by its pipeline' end)
        $$;

        -- The first time after a moment at which a digest is due; null where there is none.
        create function millrace.next_digest(digest text, moment timestamptz) returns timestamptz
        language sql stable as $$
            select case
                when digest = 'hourly' then date_trunc('hour', moment, 'UTC') + interval '1 hour'
                when digest like 'daily %' then (
                    select min(due) from generate_series(0, 2) as n, lateral (
                        select ((moment at time zone split_part(digest, ' ', 3))::date + n
                            + split_part(digest, ' ', 2)::time)
                            at time zone split_part(digest, ' ', 3) as due) as d
                    where due > moment)
                end
        $$;

        create view millrace.alert_states as
        select a.*, coalesce(split_part(held, ' ', 1), 'active') as state, held
        from millrace.alerts as a,
            lateral (select case
                when a.kind = 'resolved' or a.resolved_at is not null then 'resolved'
                else millrace.held_by(a) end as held) as h;

        insert into millrace.alert_groups (subscription_id, group_key, due_at, told_at)
        select subscription_id, topic || ' ' || pipeline || '.' || dataset,
            now() + interval '4 hours', max(d.created_at)
        from millrace.deliveries as d join millrace.alerts as a using (alert_id)
        where a.kind = 'raised' and a.resolved_at is null
            and topic not in ('run_succeeded', 'schema_changed')
        group by 1, 2;
        insert into millrace.group_alerts
            (subscription_id, group_key, key, alert_id, told_id, raised)
        select distinct on (1, 2, 3) subscription_id,
            topic || ' ' || pipeline || '.' || dataset, key, alert_id, alert_id, 0
        from millrace.deliveries as d join millrace.alerts as a using (alert_id)
        where a.kind = 'raised' and a.resolved_at is null
            and topic not in ('run_succeeded', 'schema_changed')
        order by 1, 2, 3, raised_at desc;
        update millrace.alerts set resolved_at = raised_at
        where kind = 'raised' and resolved_at is null
            and topic in ('run_succeeded', 'schema_changed');

        grant select on millrace.silences, millrace.alert_groups, millrace.group_alerts,
            millrace.alert_states to millrace_reader;
        """

    /// What the notifier watches, and a topic that has another name now.
    static let watchIndexes = """
        create index on millrace.runs (pipeline, dataset, updated_at desc);
        create index on millrace.runs (started_at)
            where state in ('transformed', 'staged', 'approved');
        create index on millrace.runs (updated_at) where state = 'failed';

        update millrace.subscriptions as s set topic = 'rejects_over'
        where topic = 'rejects' and not exists (
            select from millrace.subscriptions as other
            where other.topic = 'rejects_over' and other.pipeline is not distinct from s.pipeline
                and other.email is not distinct from s.email
                and other.webhook is not distinct from s.webhook);
        update millrace.alerts set resolved_at = now()
        where kind = 'raised' and resolved_at is null and topic in ('rejects', 'contract_broken');
        """
}
