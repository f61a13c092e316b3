-- The states by two digits, their counties by five; each once, where JHU saw it last.
with counties as (
    select right(id, 5) as fips, county, state, population_2018, 1 as source_rank
    from {{county_population}}
    union all
    select fips, county, state, null, 2 from {{us_counties}} where fips is not null
    union all
    -- 80001 and 90001 are no counties but people from elsewhere, and of unknown places.
    select fips, admin2, province_state, null, 3 from {{jhu}}
    where country_region = 'US' and admin2 is not null and left(fips, 2) between '01' and '78'
),
named as (
    select fips, county, population_2018,
        row_number() over (partition by fips order by source_rank, county) as name_rank
    from counties
),
seen as (
    select *,
        row_number() over (
            partition by fips, case when admin2 is null then province_state end
            order by last_update desc, combined_key
        ) as seen_rank
    from {{jhu}}
    where country_region = 'US' and latitude is not null
)
select
    states.fips, 'state' as level, states.fips as state_fips, states.name as province_state,
    'US' as country_region, cast(null as text) as county, states.state,
    seen.latitude, seen.longitude, cast(null as integer) as population_2018
from {{states}} as states
left join (
    select province_state, latitude, longitude,
        row_number() over (partition by province_state order by last_update desc) as state_rank
    from seen where admin2 is null
) as seen on seen.province_state = states.name and seen.state_rank = 1
union all
select
    named.fips, 'county', states.fips, states.name, 'US', named.county, states.state,
    seen.latitude, seen.longitude, named.population_2018
from named
join {{states}} as states on states.fips = left(named.fips, 2)
left join seen on seen.fips = named.fips and seen.admin2 is not null and seen.seen_rank = 1
where named.name_rank = 1
