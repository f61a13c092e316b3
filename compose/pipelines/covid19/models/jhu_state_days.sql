-- Cases of each state and day: the sum of the last count of each of its places on that day (UTC).
-- A place belongs to the state that it names: some have no fips, and that of others (80001, 90001)
-- is no county's. Ships and camps belong to none.
with counted as (
    select jhu.*, cast(last_update as date) as date,
        row_number() over (
            partition by combined_key, cast(last_update as date) order by last_update desc
        ) as place_rank
    from {{jhu}} as jhu
    where country_region = 'US'
)
select
    states.fips, counted.date,
    cast(sum(counted.confirmed) as bigint) as confirmed,
    cast(sum(counted.deaths) as bigint) as deaths,
    cast(sum(counted.recovered) as bigint) as recovered,
    cast(sum(counted.active) as bigint) as active,
    count(*) as places
from counted
join {{states}} as states
    on states.name = case counted.province_state
        when 'United States Virgin Islands' then 'Virgin Islands'
        else counted.province_state end
where counted.place_rank = 1
group by states.fips, counted.date
