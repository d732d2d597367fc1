"""The world on either side: what calls the use-cases, and what the use-cases call."""
