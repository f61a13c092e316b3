-- Of a place and moment that are told twice, the larger count; of equal ones the later line.
select * from {{input}}
qualify row_number() over (
    partition by combined_key, last_update
    order by confirmed desc nulls last, deaths desc nulls last, _object desc, _line desc
) = 1
