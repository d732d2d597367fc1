"""Vector indexes: meanings to the passages that have them."""
