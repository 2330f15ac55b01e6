"""All SQL. Functions take the session of the caller's unit of work and never commit."""
