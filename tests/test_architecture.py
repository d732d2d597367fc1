"""What holds for the whole tree: layers, mirrors, sizes, what a server loads, and that the documents tell the truth."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bootstrap.adapters import adapter_class, settings_class
from bootstrap.found_settings import variable
from bootstrap.known_settings import CHAINED, DEFAULTS, PLAIN, PRICES, SECTIONS
from bootstrap.main import omi
from bootstrap.registry import REGISTRY
from bootstrap.shared_settings import SHARED

ROOT = Path(__file__).parent.parent
SOURCES = ("domain", "ports", "application", "adapters", "bootstrap")
TREE = (*SOURCES, "tests", "benchmarks", "docs", "deploy", "examples", "requirements", ".ci")

NO_PORT_OF_A_NAME = {
    "errors": "what all ports raise",
    "diagnosis": "what any adapter may offer besides its port",
    "measures": "what any part of the program may tell in numbers",
    "sealing_again": "what stores may offer besides their port",
    "left_behind": "what lies in files beside the journals, whichever adapter put it there",
}
"""Files in ports/ whose adapters are not chosen by a name in the settings, and why."""

LONGEST_FILE = 400
"""Lines."""
LONGER = {
    "tests/unit/adapters/outbound/speech_to_text/test_failover_over_time.py": "one flat list of facts about hours",
    "tests/contract/test_memory_repository.py": "one flat list of facts about one port",
    "tests/contract/test_speech_to_text.py": "one flat list of facts about one port",
    "tests/unit/adapters/outbound/speech_to_text/test_soniox.py": "to be split: words, errors, connection",
    "tests/unit/adapters/outbound/speech_to_text/test_speechmatics.py": "to be split: words, errors, connection",
    "tests/unit/application/jobs/test_run_jobs.py": "to be split: attempts, leases, trouble of the queue",
}
"""Files that are longer all the same, and why. No others."""

NOT_FOR_A_DEFAULT_SERVER = (
    *("torch", "torchaudio", "pyannote", "speechbrain", "pandas", "matplotlib", "transformers"),
    *("openai", "deepgram", "soniox", "speechmatics", "fal_client"),
    *("redis", "pinecone", "google", "firebase_admin", "grpc"),
    "moonshine_voice",
)
"""Packages that only who chose them pays for. The last one is a folder of models; its code is never run."""

NO_SETTINGS = re.compile("OMI_TEST_.*|OMI_NOTIFIER__NTFY__.*|OMI_PROT")
"""Variables of the tests, of the vendor that CONTRIBUTING.md adds as an example, and README's example of a mistake."""

FRESH_SERVER = """
import sys, anyio
from pathlib import Path
from bootstrap.asgi import Program
from bootstrap.container import Container
from bootstrap.lifespan import running
from bootstrap.settings import load

async def main():
    container = Container(settings=load({"OMI_DATA_DIR": sys.argv[1]}, folder=Path(sys.argv[1])))
    Program(container)
    async with running(container):
        print("\\n".join(sys.modules))

anyio.run(main)
"""


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def text_files() -> Iterator[tuple[Path, str]]:
    """Everything that a reader of the repository sees, but for recordings."""
    top = [path for path in ROOT.iterdir() if path.is_file() and path.name not in {".env", ".coverage"}]
    below = [path for folder in TREE for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in (*top, *below):
        if "__pycache__" in path.parts or path.suffix in {".wav", ".pyc"}:
            continue
        yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_the_layers_are_kept() -> None:
    ran = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_port_is_chosen_by_name_or_says_why_not() -> None:
    ports = {path.stem for path in (ROOT / "ports").glob("*.py")} - {"__init__"}
    assert ports - NO_PORT_OF_A_NAME.keys() == REGISTRY.keys()
    assert ports >= NO_PORT_OF_A_NAME.keys()


def test_every_port_has_a_folder_of_adapters_under_its_name() -> None:
    folders = {path.parent.name for path in (ROOT / "adapters" / "outbound").glob("*/__init__.py")}
    assert folders == REGISTRY.keys()


def test_every_port_has_a_contract_suite_under_its_name() -> None:
    suites = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "contract").glob("test_*.py")}
    assert suites == REGISTRY.keys()


@pytest.mark.parametrize("port", sorted(REGISTRY))
def test_a_contract_suite_runs_over_the_registry(port: str) -> None:
    suite = (ROOT / "tests" / "contract" / f"test_{port}.py").read_text(encoding="utf-8")
    assert f'over("{port}"' in suite


@pytest.mark.parametrize("port", sorted(REGISTRY))
def test_every_adapter_lives_in_the_folder_of_its_port_in_a_file_of_its_own(port: str) -> None:
    for name, place in REGISTRY[port].items():
        module, _, _ = place.partition(":")
        assert module == f"adapters.outbound.{port}.{name}"
        assert ROOT.joinpath(*module.split(".")).with_suffix(".py").is_file()


def test_every_port_has_a_default_that_exists() -> None:
    assert DEFAULTS.keys() == REGISTRY.keys()
    assert all(name in REGISTRY[port] for port, name in DEFAULTS.items())


@pytest.mark.parametrize("port", sorted(REGISTRY))
def test_technologies_of_a_port_do_not_know_each_other(port: str) -> None:
    for path in python_files(f"adapters/outbound/{port}"):
        own = technology_of(path.stem, port)
        imported = {technology_of(module, port) for module in imported_from(path, f"adapters.outbound.{port}")}
        assert own is None or imported <= {own, None}, path


def technology_of(module: str, port: str) -> str | None:
    """`deepgram_connection` is Deepgram's; None for what a family shares."""
    return next((name for name in REGISTRY[port] if module == name or module.startswith(f"{name}_")), None)


def imported_from(path: Path, package: str) -> Iterator[str]:
    """Names of the modules of a package that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == package:
                yield from (alias.name for alias in node.names)
            elif node.module.startswith(f"{package}."):
                yield node.module.removeprefix(f"{package}.").partition(".")[0]


def test_package_files_hold_a_docstring_at_most() -> None:
    for path in python_files(*TREE):
        if path.name == "__init__.py":
            body = ast.parse(path.read_text(encoding="utf-8")).body
            docstring = [node for node in body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
            assert body == docstring[:1], path


def test_no_file_is_too_long() -> None:
    lines = {str(path.relative_to(ROOT)): lines_of(path) for path in python_files(*TREE)}
    assert not {path for path, count in lines.items() if count > LONGEST_FILE} - LONGER.keys()


def test_no_folder_is_a_drawer() -> None:
    drawers = {"utils", "util", "common", "core", "helpers", "helper", "misc"}
    named = {path for path in python_files(*TREE) if drawers & {path.stem, *path.relative_to(ROOT).parts[:-1]}}
    assert not named


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    folder = re.compile(r"(?<![\w.:$}])/(?:home|root|work|workspace|Users)/\w")
    assert not {str(path): folder.findall(text) for path, text in text_files() if folder.search(text)}


def test_no_file_says_where_packages_come_from() -> None:
    hosts = ["".join(parts) for parts in (("py", "pi.org"), ("python", "hosted.org"), ("npm", "js.org"))]
    named = [(str(path), host) for path, text in text_files() for host in hosts if host in text]
    assert not named
    options = re.compile(r"--(?:extra-)?index-url|--trusted-host|--find-links(?!\w)")
    build = [(path, text) for path, text in text_files() if path.parts[0] in {"Makefile", "requirements", ".ci"}]
    assert not [str(path) for path, text in build if options.search(text.replace("--no-emit-", ""))]


def test_a_default_server_loads_no_vendor_and_no_training_framework(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FRESH_SERVER, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "opentelemetry.sdk" not in ran.stdout.splitlines()  # of the rest, the framework looks whether it is there
    loaded = {name.partition(".")[0] for name in ran.stdout.splitlines()}
    assert "litestar" in loaded
    assert not loaded & set(NOT_FOR_A_DEFAULT_SERVER)


def documents() -> list[Path]:
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")]


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_setting_that_a_document_names_exists(document: Path) -> None:
    named = set(re.findall(r"\bOMI_[A-Z0-9_]*[A-Z0-9]\b(?!_)", document.read_text(encoding="utf-8")))
    assert {name for name in named if not NO_SETTINGS.fullmatch(name)} <= known_variables()


def known_variables() -> set[str]:
    """The variable of every setting there is, whichever adapters are chosen."""
    known = {variable(path) for path in PLAIN} | {variable((port, "chain")) for port in CHAINED}
    known |= {variable((port, "name")) for port in REGISTRY if port != "speech_to_text"}
    known |= {variable(("prices", name)) for name in PRICES}
    for section, kind in (SECTIONS | SHARED).items():
        known |= {variable((section, f.name)) for f in msgspec.structs.fields(kind)}
    for port, names in REGISTRY.items():
        for name in names:
            own = settings_class(adapter_class(port, name))
            known |= {variable((port, name, f.name)) for f in (msgspec.structs.fields(own) if own else ())}
    return known


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    commands = set(re.findall(r"(?m)(?:^|`)(?:\$ )?(?:\.venv/bin/)?omi ([a-z]+)", text))
    assert commands <= set(omi.commands)
    targets = set(re.findall(r"(?m)(?:^|`)(?:\$ )?make ([a-z][a-z-]*)", text))
    assert targets <= set(re.findall(r"(?m)^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8")))


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_place_that_a_document_points_to_exists(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", document.read_text(encoding="utf-8"))
    assert not [link for link in links if not (document.parent / link).exists()]
