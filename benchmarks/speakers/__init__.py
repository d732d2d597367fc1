"""How well voices are told apart, next to what the models make of it alone."""
