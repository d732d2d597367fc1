"""Archives: files in one file."""
