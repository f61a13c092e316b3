-- The books with the most reviews written in the window.
with counted as (
    select book_id, count(*) as review_count
    from {{reviews}}
    where review_added_date >= {{window_start}} and review_added_date < {{window_end}}
    group by book_id
    having count(*) >= {{min_reviews}}
)
select
    book_id, counted.review_count,
    books.title, books.title_without_series, books.image_url, books.book_url, books.num_pages,
    books.format, books.edition_information, books.publisher, books.average_rating,
    books.ratings_count, books.description, books.authors, books.record_create_timestamp
from counted
join {{books}} as books using (book_id)
order by counted.review_count desc, book_id
limit {{top_n}}
