extension SystemSchema {
    /// The stage of a reject that does not name it, told by its reason; `key` is not to be told.
    public static let stageOfReason = """
        case when reason = 'bad_value' then 'cast'
            when reason in ('missing_value', 'out_of_range', 'not_accepted', 'missing_column',
                'unknown_column') then 'contract'
            else 'read' end
        """

    /// One store for the rejects of all stages, what people decided about each, and the objects in
    /// which records went the way again.
    static let rejectStore = """
        alter table millrace.rejects drop constraint rejects_stage_check;
        alter table millrace.rejects alter column stage drop default;
        update millrace.rejects set stage = \(stageOfReason) where stage = 'transform';
        alter table millrace.rejects
            add constraint rejects_stage_check check (
                stage in ('read', 'cast', 'contract', 'key', 'reference', 'check', 'load')),
            add column value text,
            -- The name that its records came under.
            add column file text generated always as (substr(object, 28)) stored,
            add column state text not null default 'open'
                check (state in ('open', 'replayed', 'discarded')),
            add column decided_by text,
            add column decided_at timestamptz,
            -- The object in which it went the way again.
            add column replay_id bigint;
        create index on millrace.rejects (pipeline, dataset, reason) where state = 'open';
        create index on millrace.rejects (replay_id) where replay_id is not null;

        create table millrace.replays (
            replay_id bigint generated always as identity primary key,
            pipeline text not null,
            dataset text not null,
            batch text not null,
            -- The object that the records were in, and the first one of a chain of replays.
            replay_of text not null,
            root text not null,
            -- The object in which they go the way again, under the pipeline's revision of then.
            object text not null unique,
            revision text not null,
            -- The object as a whole, and not some of its records.
            is_whole boolean not null,
            records int not null,
            who text not null,
            began_at timestamptz not null default now(),
            -- Null while it is not sure that it is in the landing zone.
            sent_at timestamptz
        );
        create index on millrace.replays (pipeline, dataset, root);
        create index on millrace.replays (replay_id) where sent_at is null;

        -- The balance of each object that records were replayed of, over it and all its replays:
        -- read = published + superseded + filtered + rejected + under_way.
        create view millrace.replayed as
        with again as (
            select r.pipeline, r.dataset, r.root, sum(r.records) as sent,
                coalesce(sum(r.records) filter (where l.object is null), 0) as under_way,
                coalesce(sum(l.read), 0) as read, coalesce(sum(l.published), 0) as published,
                coalesce(sum(l.superseded), 0) as superseded,
                coalesce(sum(l.filtered), 0) as filtered,
                coalesce(sum(l.rejected), 0) as rejected
            from millrace.replays r
            left join millrace.ledger l using (pipeline, dataset, object)
            group by r.pipeline, r.dataset, r.root
        )
        select o.pipeline, o.dataset, o.object,
            o.read + again.read - (again.sent - again.under_way) as read,
            o.published + again.published as published,
            o.superseded + again.superseded as superseded,
            o.filtered + again.filtered as filtered,
            o.rejected - again.sent + again.rejected as rejected, again.under_way
        from again join millrace.ledger o
            on o.pipeline = again.pipeline and o.dataset = again.dataset and o.object = again.root;

        grant select on millrace.replays, millrace.replayed to millrace_reader;
        """
}
