"""Who may call the service, how often, and what becomes of a call that comes twice."""
