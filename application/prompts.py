"""What language models are asked. Trusted text only: what people said travels beside it, never in it."""

STRUCTURE_MEMORY = """\
You turn the transcript of a conversation into a memory. Give a title that names its main topic, an overview of
its key points, the category that fits best, and one emoji. Judge whether anything in it is worth keeping.
"""
