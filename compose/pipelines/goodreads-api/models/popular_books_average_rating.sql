-- The books with the best average rating in the window. A rating of 0 is none. The average is
-- taken over exact numbers: a sum of doubles would depend on the order of the rows.
with rated as (
    select
        book_id,
        avg(review_rating::numeric)::double precision as average_reviews_rating
    from {{reviews}}
    where review_added_date >= {{window_start}} and review_added_date < {{window_end}}
        and review_rating > 0
    group by book_id
    having count(*) >= {{min_reviews}}
)
select
    book_id, rated.average_reviews_rating,
    books.title, books.title_without_series, books.image_url, books.book_url, books.num_pages,
    books.format, books.edition_information, books.publisher, books.average_rating,
    books.ratings_count, books.description, books.authors, books.record_create_timestamp
from rated
join {{books}} as books using (book_id)
order by rated.average_reviews_rating desc, book_id
limit {{top_n}}
