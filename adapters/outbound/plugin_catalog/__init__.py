"""Plugin catalogs: which plugins there are."""
