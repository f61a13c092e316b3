-- Who made the taximeter's system. A code that is not on the list is there as itself: no trip is without one.
with named (id, name) as (
    values
        (-1, 'Not recorded'),
        (1, 'Creative Mobile Technologies'),
        (2, 'VeriFone Inc.'),
        (6, 'Myle Technologies'),
        (7, 'Helix')
),
seen as (
    select vendor_id as id from {{green_trips}} where vendor_id is not null
    union
    select vendor_id from {{yellow_trips}} where vendor_id is not null
    union
    select id from named
)
select cast(seen.id as smallint) as id, coalesce(named.name, 'Code ' || seen.id) as name
from seen
left join named on named.id = seen.id
order by seen.id
