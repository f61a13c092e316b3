-- Each day once; Monday is 0.
select
    date,
    cast(extract(year from date) as integer) as year,
    cast(extract(month from date) as integer) as month,
    cast(extract(isodow from date) as integer) - 1 as day_of_week
from (
    select date from {{state_days}} union select date from {{jhu_state_days}}
) as days
