"""Values and rules of the product. Imports msgspec and the standard library only."""
