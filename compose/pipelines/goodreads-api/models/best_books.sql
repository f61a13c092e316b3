-- The books that are in both lists: much reviewed and well rated.
select
    book_id, reviewed.review_count, rated.average_reviews_rating,
    rated.title, rated.title_without_series, rated.image_url, rated.book_url, rated.num_pages,
    rated.format, rated.edition_information, rated.publisher, rated.average_rating,
    rated.ratings_count, rated.description, rated.authors, rated.record_create_timestamp
from {{popular_books_average_rating}} as rated
join {{popular_books_review_count}} as reviewed using (book_id)
order by rated.average_reviews_rating desc, book_id
