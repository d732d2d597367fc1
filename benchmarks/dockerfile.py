"""A Dockerfile as it reads: stages of steps."""

import json
import re
import shlex
from fnmatch import fnmatch
from pathlib import Path

from msgspec import Struct


class Step(Struct, frozen=True):
    """One instruction: `RUN`, and what stands behind it on one line."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """The text as words, or as the list that it is in JSON."""
        if self.text.startswith("["):
            found: list[str] = json.loads(self.text)
            return found
        return shlex.split(self.text)


class Stage(Struct, frozen=True):
    """From one `FROM` to the next."""

    base: str
    name: str
    steps: tuple[Step, ...]

    def last(self, name: str) -> Step:
        """The instruction that counts, where the last one does."""
        return [step for step in self.steps if step.name == name][-1]

    def environment(self) -> dict[str, str]:
        """What its `ENV` steps set."""
        pairs = (word.partition("=") for step in self.steps if step.name == "ENV" for word in step.words)
        return {name: value for name, _, value in pairs}


def stages_of(text: str) -> list[Stage]:
    """Reads a Dockerfile. Arguments before the first stage are filled in."""
    steps = [Step(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in _lines(text))]
    given = {step.text.partition("=")[0]: step.text.partition("=")[2] for step in steps if step.name == "ARG"}
    found: list[tuple[str, str, list[Step]]] = []
    for step in steps:
        if step.name == "FROM":
            base, _, name = _filled(step.text, given).partition(" AS ")
            found.append((base, name, []))
        elif found:
            found[-1][2].append(step)
    return [Stage(base, name, tuple(steps)) for base, name, steps in found]


def _lines(text: str) -> list[str]:
    """Instructions, each on one line."""
    kept = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [line.strip() for line in re.sub(r"\s*\\\n\s*", " ", kept).splitlines() if line.strip()]


def _filled(text: str, given: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: given[found[1]], text)


def sent_to_builder(root: Path) -> list[Path]:
    """Files that `.dockerignore` lets through, relative to the folder; the last line that fits a path counts."""
    rules = [line for line in (root / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    allowed = {rule[1:].split("/")[0] for rule in rules if rule.startswith("!")}
    files = (path for name in sorted(allowed) for path in _below(root / name))
    return [path.relative_to(root) for path in files if not _ignored(path.relative_to(root), rules)]


def _below(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(found for found in path.rglob("*") if found.is_file())


def _ignored(path: Path, rules: list[str]) -> bool:
    ignored = False
    for rule in rules:
        pattern = rule.removeprefix("!")
        if any(_fits(above, pattern) for above in (path, *path.parents[:-1])):
            ignored = not rule.startswith("!")
    return ignored


def _fits(path: Path, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatch(path.name, pattern.removeprefix("**/"))
    return len(path.parts) == len(Path(pattern).parts) and fnmatch(str(path), pattern)
