"""The Dockerfile's own steps, done by hand in an empty folder, where there is no container engine.

What cannot be tried so: the base image, the user without rights, the volume, and what the engine makes of them.
Everything else is what the image would hold: the packages from the pinned files with their hashes, our own without the
checkout around it, and the command, the health check and the signal that the Dockerfile names.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.dockerfile import Stage, Step, sent_to_builder, stages_of
from benchmarks.server_process import free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
STOP_SECONDS = 15.0
NOT_HERE = ("groupadd", "useradd")
"""Steps with these would change this machine."""


class Trial:
    """An image that is a folder: `/opt/omi` is `FOLDER/opt/omi`."""

    def __init__(self, folder: Path, *, extras: str = "") -> None:
        self.folder = folder
        self.build, self.run = stages_of((ROOT / "Dockerfile").read_text())
        self._here = folder
        self._variables = {"EXTRAS": extras, "PATH": os.environ["PATH"], "HOME": str(folder)}
        self._variables |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}

    def do(self) -> None:
        """All steps of both stages that can be done here."""
        for stage in (self.build, self.run):
            self._variables |= {name: self._placed(value) for name, value in stage.environment().items()}
            for step in stage.steps:
                self._step(step, stage)

    def serve(self) -> None:
        """The command, asked as the health check asks, then told to stop as the engine would."""
        (self.folder / "data").mkdir(exist_ok=True)
        environment = self._variables | {"OMI_HOST": "127.0.0.1", "OMI_PORT": str(free_port())}
        command = [self._found(self.run.last("CMD").words[0]), *self.run.last("CMD").words[1:]]
        with (self.folder / "server.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=self.folder / "data", env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            print(f"healthy after {self._until_healthy(environment):.1f} s")
            process.send_signal(getattr(signal, self.run.last("STOPSIGNAL").text))
            began = time.monotonic()
            print(f"ended with {process.wait(STOP_SECONDS)} after {time.monotonic() - began:.1f} s")
            assert process.returncode == 0
        finally:
            process.kill()

    def _until_healthy(self, environment: dict[str, str]) -> float:
        check = Step("", self.run.last("HEALTHCHECK").text.partition("CMD ")[2]).words
        began = time.monotonic()
        asked = [self._found(check[0]), *check[1:]]
        while subprocess.run(asked, env=environment, capture_output=True, check=False).returncode:
            assert time.monotonic() - began < START_SECONDS, (self.folder / "server.log").read_text()[-2000:]
            time.sleep(0.2)
        return time.monotonic() - began

    def _step(self, step: Step, stage: Stage) -> None:
        began = time.monotonic()
        match step.name:
            case "WORKDIR":
                self._here = Path(self._placed(step.text))
                self._here.mkdir(parents=True, exist_ok=True)
            case "RUN" if any(word in step.text for word in NOT_HERE):
                print(f"not here  {step.text[:90]}")
                return
            case "RUN":
                subprocess.run(
                    ["/bin/sh", "-c", self._placed(step.text)], cwd=self._here, env=self._variables, check=True
                )
            case "COPY" if step.words[0].startswith("--from="):
                assert Path(self._placed(step.words[1])).is_dir()  # both stages are this folder
            case "COPY":
                self._copy(step.words[:-1], step.words[-1])
            case _:
                return
        print(f"{time.monotonic() - began:7.1f} s {stage.name or 'run'}: {step.name} {step.text[:80]}")

    def _copy(self, sources: list[str], target: str) -> None:
        wanted = [source.rstrip("/") for source in sources]
        for path in sent_to_builder(ROOT):
            if str(path) in wanted or path.parts[0] in wanted:
                below = path if str(path) in wanted else path.relative_to(path.parts[0])
                place = self._here / target / below
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / path, place)

    def _placed(self, text: str) -> str:
        for place in ("/opt/omi", "/data", "/build"):
            text = text.replace(place, str(self.folder) + place)
        return text.replace("$PATH", self._variables["PATH"])

    def _found(self, program: str) -> str:
        return shutil.which(program, path=self._variables["PATH"]) or program


def main() -> None:
    """Builds, serves once, tells sizes and times."""
    with tempfile.TemporaryDirectory(prefix="omi-image-") as name:
        trial = Trial(Path(name), extras=" ".join(sys.argv[1:]))
        trial.do()
        trial.serve()
        size = sum(path.stat().st_size for path in (Path(name) / "opt").rglob("*") if path.is_file())
        print(f"{size / 1e6:.0f} MB in the image beside its base")


if __name__ == "__main__":
    main()
