"""Everything that a language model is asked: one file a task, and a table of all."""
