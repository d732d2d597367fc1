"""Several recognizers as one that loses nothing. See docs/reliability.md."""
