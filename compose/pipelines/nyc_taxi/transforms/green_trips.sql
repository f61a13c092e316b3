-- Gives each trip an id made of all that its file says of it, as numbers and times and not as they
-- are written. Of trips that are equal in all that, a file may have several: they are counted.
with numbered as (
    select * replace (
        case
            when try_cast(trip_id as double) % 1 = 0
                then try_cast(try_cast(trip_id as double) as smallint)
        end as vendor_id
    )
    from {{input}}
),
described as (
    select *, md5(cast(row(
        vendor_id, pickup_datetime, dropoff_datetime, passenger_count, trip_distance, ratecode_id,
        store_and_fwd_flag, pickup_location_id, dropoff_location_id, payment_type_id, fare_amount,
        extra, mta_tax, tip_amount, tolls_amount, improvement_surcharge, total_amount,
        congestion_surcharge, ehail_fee, trip_type
    ) as varchar)) as description
    from numbered
)
select * exclude (description) replace (
    description || '-' || row_number() over (partition by _object, description) as trip_id
)
from described
