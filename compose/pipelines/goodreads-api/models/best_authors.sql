-- The authors that are in both lists: much reviewed and well rated.
select
    author_id, reviewed.review_count, rated.average_review_rating,
    rated.name, rated.role, rated.profile_url, rated.average_rating,
    rated.rating_count, rated.text_review_count, rated.record_create_timestamp
from {{popular_authors_average_rating}} as rated
join {{popular_authors_review_count}} as reviewed using (author_id)
order by rated.average_review_rating desc, author_id
