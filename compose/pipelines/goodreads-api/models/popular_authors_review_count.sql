-- The authors with the most reviews written in the window.
with counted as (
    select author_id, count(*) as review_count
    from {{reviews}}
    where review_added_date >= {{window_start}} and review_added_date < {{window_end}}
    group by author_id
    having count(*) >= {{min_reviews}}
)
select
    author_id, counted.review_count,
    authors.name, authors.role, authors.profile_url, authors.average_rating,
    authors.rating_count, authors.text_review_count, authors.record_create_timestamp
from counted
join {{authors}} as authors using (author_id)
order by counted.review_count desc, author_id
limit {{top_n}}
