-- Of the things that have changed, those under /books/: a thing keeps its key when it is merged or deleted.
select * from {{input}} where starts_with(edition_key, '/books/')
