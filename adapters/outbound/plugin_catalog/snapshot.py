"""The plugins that come with the program."""

from pathlib import Path

SNAPSHOT = Path(__file__).with_name("snapshot.json")
