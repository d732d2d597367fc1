"""Torch costs seconds and hundreds of megabytes: nobody pays who did not choose it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TORCH = {"torch", "torchaudio", "pyannote", "speechbrain", "lightning", "pandas", "matplotlib", "huggingface_hub"}

EVERY_DEFAULT = """
import sys, anyio
from contextlib import AsyncExitStack
from pathlib import Path
from bootstrap.adapters import chosen
from bootstrap.registry import REGISTRY
from bootstrap.settings import load

async def main():
    settings = load({"OMI_DATA_DIR": sys.argv[1]}, folder=Path(sys.argv[1]))
    clock = chosen("clock", settings)
    async with AsyncExitStack() as stack:
        for port in sorted(REGISTRY):
            adapter = chosen(port, settings, clock)
            if hasattr(adapter, "__aenter__"):
                await stack.enter_async_context(adapter)
    print("\\n".join({name.partition(".")[0] for name in sys.modules}))

anyio.run(main)
"""

EVERY_CLASS = """
import sys
from bootstrap.adapters import adapter_class, settings_class
from bootstrap.registry import REGISTRY
for port in ("speaker_encoder", "voice_activity_detector", "recording_voice_activity_detector"):
    for name in REGISTRY[port]:
        settings_class(adapter_class(port, name))
print("\\n".join({name.partition(".")[0] for name in sys.modules}))
"""


def loaded_by(program: str, folder: Path) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", program, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.splitlines())


def test_the_adapters_that_are_used_unless_others_are_chosen_open_without_torch(tmp_path: Path) -> None:
    loaded = loaded_by(EVERY_DEFAULT, tmp_path)

    assert "onnxruntime" in loaded
    assert not loaded & TORCH


def test_to_know_the_settings_of_an_adapter_nobody_needs_torch(tmp_path: Path) -> None:
    loaded = loaded_by(EVERY_CLASS, tmp_path)

    assert "adapters" in loaded
    assert not loaded & TORCH
