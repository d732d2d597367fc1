"""The object graph, part by part. Each part may use what the parts before it made."""
