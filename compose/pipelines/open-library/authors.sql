-- Of the things that have changed, those under /authors/: a thing keeps its key when it is merged or deleted.
select * from {{input}} where starts_with(author_key, '/authors/')
