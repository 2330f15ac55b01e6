"""Files of answers in, files of results out: cohorts of any size, without a service or a database."""
