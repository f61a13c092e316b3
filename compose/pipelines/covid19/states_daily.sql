-- An edition tells the whole history again. It is as new as its newest day.
select * replace (max(day) over (partition by _object) as edition)
from {{input}}
