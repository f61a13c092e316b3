-- Each hospital once. In the territories the file has no fips: the state's is known by its letters.
select
    beds.objectid, beds.fips, coalesce(beds.state_fips, states.fips) as state_fips,
    coalesce(beds.state_name, states.name) as state_name,
    coalesce(beds.latitude, beds.y) as latitude, coalesce(beds.longitude, beds.x) as longitude,
    beds.hq_address, beds.hospital_name, beds.hospital_type, beds.hq_city, beds.hq_state,
    -- 969 is 00969: the file has lost the zeros.
    lpad(beds.hq_zip_code, 5, '0') as hq_zip_code,
    beds.num_licensed_beds, beds.num_staffed_beds, beds.num_icu_beds
from {{hospital_beds}} as beds
left join {{states}} as states on states.state = beds.hq_state
