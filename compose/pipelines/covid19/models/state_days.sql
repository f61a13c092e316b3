-- Tests of each state and day, as the newest edition has them, whichever came last.
select
    fips, day as date, state, edition, positive, negative, pending, hospitalized_currently,
    hospitalized_cumulative, hospitalized, hospitalized_discharged, recovered, death, date_checked
from (
    select daily.*,
        row_number() over (
            partition by fips, day
            order by edition desc, date_checked desc nulls last, positive desc nulls last,
                negative desc nulls last, death desc nulls last
        ) as edition_rank
    from {{states_daily}} as daily
) as ranked
where edition_rank = 1
