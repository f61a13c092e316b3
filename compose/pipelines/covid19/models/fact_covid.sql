-- One row for each state and day that both sources tell of. Both sides have one row for each, and
-- both columns are compared: nothing is multiplied, and null equals nothing.
select
    days.fips, days.date, states.name as province_state, 'US' as country_region,
    days.confirmed, days.deaths, days.recovered, days.active, days.places,
    daily.positive, daily.negative, daily.hospitalized_currently, daily.hospitalized,
    daily.hospitalized_discharged
from {{jhu_state_days}} as days
join {{state_days}} as daily on daily.fips = days.fips and daily.date = days.date
join {{states}} as states on states.fips = days.fips
