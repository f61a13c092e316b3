import Events
import Postgres

/// Makes deliveries of what is owed: looks at groups that are due, each under its row's lock, so
/// that of several notifiers one has it.
struct NoticeTable: Sendable {
    let grouping: Grouping

    init(_ grouping: Grouping) {
        self.grouping = grouping
    }

    /// Looks at groups that are due. Call it in a transaction.
    ///
    /// - Returns: How many there were; with fewer than `limit` no more are due.
    func look(_ connection: PostgresConnection) async throws -> Int {
        let look = ULID().description
        let taken = try await connection.query(Self.take, [look, "\(Self.limit)"])
        guard !taken.isEmpty else { return 0 }
        try await connection.run(
            Self.tell,
            [
                look, "\(grouping.repetition / .seconds(1))", "\(grouping.digestGroups)",
                "\(Notice.limit)",
            ])
        try await connection.run(Self.forgetAlerts, [look])
        try await connection.run(
            Self.forgetGroups, [look, "\(grouping.interval / .seconds(1))"])
        try await connection.run(
            Self.plan,
            [
                look, "\(grouping.heldCheck / .seconds(1))", "\(grouping.repetition / .seconds(1))",
                "\(grouping.interval / .seconds(1))",
            ])
        return taken.count
    }

    static let limit = 2_000

    /// As `millrace.inhibitor_of` has them.
    private static let causes =
        "'batch_refused', 'contract_broken', 'run_failed', 'model_failed', 'service_down', "
        + "'service_paused'"

    private static let take = """
        update millrace.alert_groups as g set look = $1
        from (
            select subscription_id, group_key from millrace.alert_groups as due
            where due_at <= now() and exists (
                select from millrace.subscriptions as s
                where s.subscription_id = due.subscription_id and s.disabled_at is null
                    and s.state = 'confirmed')
            order by due_at limit $2 for update skip locked) as due
        where g.subscription_id = due.subscription_id and g.group_key = due.group_key
        returning g.group_key
        """

    /// Most often nothing holds any alert back, and then it is asked of none.
    private static let tell = """
        with holds as materialized (
            select exists (select from millrace.silences where ends_at > now())
                or exists (select from millrace.alerts
                    where kind = 'raised' and resolved_at is null
                        and topic in (\(causes))) as are_any
        ), due as materialized (
            select g.subscription_id, g.group_key, s.digest is not null as is_digest,
                coalesce(g.told_at <= now() - make_interval(secs => $2::double precision), false)
                    as is_repeat
            from millrace.alert_groups as g
                join millrace.subscriptions as s using (subscription_id)
            where g.look = $1
        ), news as materialized (
            select due.*, m.key as member, m.raised,
                m.told_id is distinct from m.alert_id as is_new, a.*
            from due join millrace.group_alerts as m using (subscription_id, group_key)
                join millrace.alerts as a using (alert_id), holds
            where (m.told_id is distinct from m.alert_id or due.is_repeat and a.kind = 'raised')
                and (not are_any and a.mutes is null or millrace.held_by(a) is null)
        ), notices as (
            select subscription_id,
                is_digest or count(distinct group_key) > $3::int as is_merged
            from news group by subscription_id, is_digest
        ), placed as (
            select news.*, is_merged, case when is_merged then '*' else group_key end as notice,
                row_number() over (
                    partition by subscription_id, case when is_merged then '*' else group_key end
                    order by raised_at, alert_id) as place
            from news join notices using (subscription_id)
        ), written as (
            insert into millrace.deliveries (delivery_id, subscription_id, alert_id, state,
                next_attempt_at, reason, alerts, alert_count)
            select 'msg_' || left(encode(sha256(convert_to(
                    $1 || ' ' || subscription_id || ' ' || notice, 'UTF8')), 'hex'), 32),
                subscription_id,
                (array_agg(alert_id order by kind = 'raised' desc, array_position(
                    array['critical', 'warning', 'info'], severity), raised_at desc))[1],
                'pending', now(),
                case when bool_or(is_merged) then 'digest' when bool_or(is_new) then 'news'
                    else 'repeat' end,
                jsonb_agg(jsonb_build_object('id', alert_id, 'kind', kind, 'severity', severity,
                    'topic', topic, 'pipeline', pipeline, 'dataset', dataset, 'batch', batch,
                    'title', title, 'command', command, 'raised', raised,
                    'time', to_char(raised_at at time zone 'UTC',
                        'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by place)
                    filter (where place <= $4::int),
                count(*)
            from placed group by subscription_id, notice
        ), told as (
            update millrace.alert_groups as g set told_at = now()
            where (subscription_id, group_key) in (select subscription_id, group_key from news)
        )
        update millrace.group_alerts as m set told_id = news.alert_id, raised = 0 from news
        where m.subscription_id = news.subscription_id and m.group_key = news.group_key
            and m.key = news.member
        """

    /// What is over and told, or has only happened.
    private static let forgetAlerts = """
        delete from millrace.group_alerts as m
        using millrace.alert_groups as g, millrace.alerts as a
        where g.look = $1 and m.subscription_id = g.subscription_id and m.group_key = g.group_key
            and a.alert_id = m.alert_id and m.told_id = m.alert_id
            and (a.kind = 'resolved' or a.resolved_at is not null)
        """

    /// A group is remembered for the interval, so that what comes back soon is not told more often.
    private static let forgetGroups = """
        delete from millrace.alert_groups as g
        where g.look = $1 and not exists (
                select from millrace.group_alerts as m
                where m.subscription_id = g.subscription_id and m.group_key = g.group_key)
            and coalesce(
                g.told_at + make_interval(secs => $2::double precision) <= now(), true)
        """

    private static let plan = """
        update millrace.alert_groups as g set look = null, due_at = case
            when is_waiting then now() + make_interval(secs => $2::double precision)
            when is_open then coalesce(
                millrace.next_digest(s.digest,
                    g.told_at + make_interval(secs => $3::double precision)),
                g.told_at + make_interval(secs => $3::double precision))
            else g.told_at + make_interval(secs => $4::double precision) end
        from millrace.subscriptions as s, (
            select mine.subscription_id, mine.group_key, count(m.key) > 0 as is_open,
                coalesce(bool_or(m.key is not null
                    and m.told_id is distinct from m.alert_id), false) as is_waiting
            from millrace.alert_groups as mine
                left join millrace.group_alerts as m using (subscription_id, group_key)
            where mine.look = $1 group by 1, 2) as rest
        where g.look = $1 and s.subscription_id = g.subscription_id
            and rest.subscription_id = g.subscription_id and rest.group_key = g.group_key
        """
}
