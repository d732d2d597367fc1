"""What stands in an archive for whoever opens it by hand."""

from collections.abc import Mapping

_TEXT = """\
This is everything that your Omi server kept of you.

To look at it you need nothing but this folder:

  transcripts/    What was said, one conversation a file, named by day: .txt to read, .vtt for players of
                  recordings and videos (WebVTT).
  files/          Recordings of conversations (recordings/), photos (photos/), what you asked about in the chat
                  (chat_files/), and how voices sound that the server knows (voices/, people_profiles/,
                  speech_profile.wav), as far as any were kept.

The rest is for programs. Each line of a .jsonl file is one JSON object; times are ISO 8601:

{tables}
  settings.json   Your name, time zone and language, and what you switched on.
  manifest.json   The version of this format, and size and SHA-256 of every file.

Left out on purpose: keys and tokens, addresses of devices and of programs that are called, and everything that can
be made again from the rest (search indexes).

`omi import` reads this file, as it is, into an Omi server. The format is open and described in docs/export.md of Omi.
"""
_TABLES = {
    "memories.jsonl": "conversations with their transcripts, summaries, tasks and events",
    "people.jsonl": "people you named",
    "facts.jsonl": "facts about you, from when to when each holds",
    "chat.jsonl": "messages between you and the assistant",
    "reviews.jsonl": "what you think of plugins",
    "costs.jsonl": "connections to recognizers, and what they cost",
    "files.jsonl": "which file the server knows by which name",
}


def readme(counts: Mapping[str, int]) -> bytes:
    """The text, with the number of lines of each table."""
    tables = "".join(f"  {name:<16}{counts.get(name, 0):>7,}  {what}\n" for name, what in _TABLES.items())
    return _TEXT.format(tables=tables).encode()
