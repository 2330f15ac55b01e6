"""The page: HTML, its assets and its words. What it shows it asks of the HTTP API, like any other client."""
