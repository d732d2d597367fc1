"""`make recall DATA=locomo10.json`: recall of turns and sessions; without DATA, on the made-up set beside this file."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy, as the server does

import sys
from pathlib import Path

import anyio

from adapters.outbound.text_embedder.minilm import MiniLMTextEmbedder
from benchmarks.recall.conversations import conversations
from benchmarks.recall.doubts import doubts
from benchmarks.recall.report import measured, table

SAMPLE = Path(__file__).parent / "sample.json"


async def _run(path: Path) -> None:
    found = conversations(path)
    print(f"{path.name}: {len(found)} conversations, {sum(len(t.questions) for t in found)} questions")
    embedder = MiniLMTextEmbedder()
    print(table(await measured(found, embedder)))
    print(await doubts(found, embedder))


def main() -> None:
    """Measures and prints."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1] else SAMPLE
    if not path.is_file():
        sys.exit(f"{path}: no such file; expected the JSON of LoCoMo (locomo10.json)")
    anyio.run(_run, path)


if __name__ == "__main__":
    main()
