-- The kinds of taxis that there are trips of.
select cast(1 as smallint) as id, 'yellow' as type
where exists (select 1 from {{yellow_trips}})
union all
select cast(2 as smallint), 'green'
where exists (select 1 from {{green_trips}})
order by id
