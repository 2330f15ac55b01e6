"""What the service tells of itself: logs, request ids, metrics, traces. None of them holds an answer's text."""
