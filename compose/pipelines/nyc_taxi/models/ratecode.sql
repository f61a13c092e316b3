-- The rates. A code that is not on the list is there as itself: no trip is without one.
with named (id, description) as (
    values
        (-1, 'Not recorded'),
        (1, 'Standard rate'),
        (2, 'JFK'),
        (3, 'Newark'),
        (4, 'Nassau or Westchester'),
        (5, 'Negotiated fare'),
        (6, 'Group ride'),
        (99, 'Unknown')
),
seen as (
    select ratecode_id as id from {{green_trips}} where ratecode_id is not null
    union
    select ratecode_id from {{yellow_trips}} where ratecode_id is not null
    union
    select id from named
)
select cast(seen.id as smallint) as id, coalesce(named.description, 'Code ' || seen.id) as description
from seen
left join named on named.id = seen.id
order by seen.id
