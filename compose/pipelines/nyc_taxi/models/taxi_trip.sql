-- Every trip once. It names its vendor, rate, payment and both locations by their codes, so that no
-- join can lose or double it; what a file does not say is -1, "Not recorded".
select
    trip_id as id, cast(2 as smallint) as taxi_type_id,
    coalesce(vendor_id, -1) as vendor_id, pickup_datetime, dropoff_datetime,
    coalesce(ratecode_id, -1) as ratecode_id, coalesce(payment_type_id, -1) as payment_type_id,
    coalesce(pickup_location_id, -1) as pickup_location_id,
    coalesce(dropoff_location_id, -1) as dropoff_location_id,
    passenger_count, trip_distance, store_and_fwd_flag, fare_amount, extra, mta_tax, tip_amount,
    tolls_amount, improvement_surcharge, total_amount, congestion_surcharge,
    ehail_fee, cast(null as double precision) as airport_fee,
    case trip_type when 1 then 'Street hail' when 2 then 'Dispatch' else 'Code ' || trip_type end
        as trip_type,
    coalesce(total_amount < 0, false) as is_refund
from {{green_trips}}
union all
select
    trip_id as id, cast(1 as smallint) as taxi_type_id,
    coalesce(vendor_id, -1) as vendor_id, pickup_datetime, dropoff_datetime,
    coalesce(ratecode_id, -1) as ratecode_id, coalesce(payment_type_id, -1) as payment_type_id,
    coalesce(pickup_location_id, -1) as pickup_location_id,
    coalesce(dropoff_location_id, -1) as dropoff_location_id,
    passenger_count, trip_distance, store_and_fwd_flag, fare_amount, extra, mta_tax, tip_amount,
    tolls_amount, improvement_surcharge, total_amount, congestion_surcharge,
    cast(null as double precision), airport_fee, cast(null as text),
    coalesce(total_amount < 0, false)
from {{yellow_trips}}
