-- Each zone once. Its id is that of its first location: it does not change when others come.
select cast(min(location_id) as smallint) as id, zone as name
from {{zones}}
where zone is not null
group by zone
union all
select cast(-1 as smallint), 'Not recorded'
order by id
