-- Each borough once. Its id is that of its first location: it does not change when others come.
select cast(min(location_id) as smallint) as id, borough as name
from {{zones}}
where borough is not null
group by borough
union all
select cast(-1 as smallint), 'Not recorded'
order by id
