-- The authors with the best average rating in the window. A rating of 0 is none. The average is
-- taken over exact numbers: a sum of doubles would depend on the order of the rows.
with rated as (
    select
        author_id,
        avg(review_rating::numeric)::double precision as average_review_rating
    from {{reviews}}
    where review_added_date >= {{window_start}} and review_added_date < {{window_end}}
        and review_rating > 0
    group by author_id
    having count(*) >= {{min_reviews}}
)
select
    author_id, rated.average_review_rating,
    authors.name, authors.role, authors.profile_url, authors.average_rating,
    authors.rating_count, authors.text_review_count, authors.record_create_timestamp
from rated
join {{authors}} as authors using (author_id)
order by rated.average_review_rating desc, author_id
limit {{top_n}}
