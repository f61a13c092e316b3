-- Of the things that have changed, those under /works/: a thing keeps its key when it is merged or deleted.
select * from {{input}} where starts_with(work_key, '/works/')
