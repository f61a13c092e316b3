-- The days of a state that only one source tells of, and which one does not.
select
    coalesce(days.fips, daily.fips) as fips, coalesce(days.date, daily.date) as date,
    case when days.fips is null then 'jhu' else 'states_daily' end as missing
from {{jhu_state_days}} as days
full join {{state_days}} as daily on daily.fips = days.fips and daily.date = days.date
where days.fips is null or daily.fips is null
