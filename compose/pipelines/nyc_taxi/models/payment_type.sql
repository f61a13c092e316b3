-- How trips are paid. A code that is not on the list is there as itself: no trip is without one.
with named (id, method) as (
    values
        (-1, 'Not recorded'),
        (0, 'Flex fare'),
        (1, 'Credit card'),
        (2, 'Cash'),
        (3, 'No charge'),
        (4, 'Dispute'),
        (5, 'Unknown'),
        (6, 'Voided trip')
),
seen as (
    select payment_type_id as id from {{green_trips}} where payment_type_id is not null
    union
    select payment_type_id from {{yellow_trips}} where payment_type_id is not null
    union
    select id from named
)
select cast(seen.id as smallint) as id, coalesce(named.method, 'Code ' || seen.id) as method
from seen
left join named on named.id = seen.id
order by seen.id
