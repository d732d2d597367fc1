"""Resolves pyproject.toml into the pinned, hashed requirement files (run by `make pins`; needs `uv`).

Each file is a whole closure, so it is installed with `pip --no-deps --require-hashes`: what stands in the
file is what gets installed, and nothing else.
"""

import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
NEVER = "sys_platform == 'never'"

UV = [
    *("uv", "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
]

FILES: dict[str, list[str]] = {
    "run.txt": [],
    "vendors.txt": ["--extra", "vendors"],
    "cloud.txt": ["--extra", "cloud"],
    "codecs.txt": ["--extra", "codecs"],
    "torch.txt": ["--extra", "torch"],
    "test.txt": ["--extra", "test"],
}
"""File name -> what it holds beside the files before it."""

OVERRIDES = {"cloud.txt": "overrides-cloud.txt", "torch.txt": "overrides-torch.txt"}
"""Some sets do need what the model wheels only ask for."""


def requirements(text: str) -> list[str]:
    """Splits a compiled file into requirements, each with its hash lines."""
    return re.split(r"\n(?=\S)", text.strip())


def main() -> None:
    """Writes the files."""
    before: set[str] = set()
    constraints: list[str] = []
    for name, extra in FILES.items():
        overrides = ["--override", str(FOLDER / OVERRIDES.get(name, "overrides.txt"))]
        out = subprocess.run([*UV, *overrides, *extra, *constraints], check=True, capture_output=True, text=True).stdout
        kept = [r for r in requirements(out) if NEVER not in r.partition("\\")[0]]
        kept = [r for r in kept if r.partition(" ")[0] not in before]
        before |= {r.partition(" ")[0] for r in kept}
        (FOLDER / name).write_text("\n".join(kept) + "\n")
        constraints += ["--constraint", str(FOLDER / name)]
        sys.stdout.write(f"{name}: {len(kept)} packages\n")


if __name__ == "__main__":
    main()
