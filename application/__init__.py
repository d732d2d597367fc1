"""The use-cases: what the product does, told in terms of domain and ports."""
