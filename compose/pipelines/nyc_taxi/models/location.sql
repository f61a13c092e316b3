-- Each location once, with its zone, borough and service zone. One that trips name and the file of
-- zones does not is there, too: a trip is not lost because a lookup is late.
with seen as (
    select location_id as id from {{zones}}
    union
    select pickup_location_id from {{green_trips}} where pickup_location_id is not null
    union
    select dropoff_location_id from {{green_trips}} where dropoff_location_id is not null
    union
    select pickup_location_id from {{yellow_trips}} where pickup_location_id is not null
    union
    select dropoff_location_id from {{yellow_trips}} where dropoff_location_id is not null
    union
    select -1
)
select
    cast(seen.id as smallint) as id, coalesce(zone.id, -1) as zone_id,
    coalesce(borough.id, -1) as borough_id, coalesce(service_zone.id, -1) as service_zone_id,
    zones.location_id is not null as is_listed
from seen
left join {{zones}} as zones on zones.location_id = seen.id
left join {{zone}} as zone on zone.name = zones.zone
left join {{borough}} as borough on borough.name = zones.borough
left join {{service_zone}} as service_zone on service_zone.name = zones.service_zone
order by seen.id
