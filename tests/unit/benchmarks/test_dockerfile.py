"""Reading a Dockerfile."""

from pathlib import Path

from benchmarks.dockerfile import sent_to_builder, stages_of

TEXT = """
# comment
ARG PYTHON=3.11
FROM python:${PYTHON} AS build
RUN one \\
    && two
COPY a b ./

FROM scratch
ENV A=1 B="two words"
CMD ["omi", "serve"]
"""


def test_stages_have_a_base_a_name_and_steps() -> None:
    build, run = stages_of(TEXT)
    assert (build.base, build.name, run.base, run.name) == ("python:3.11", "build", "scratch", "")
    assert build.steps[0].text == "one && two"
    assert build.last("COPY").words == ["a", "b", "./"]
    assert run.last("CMD").words == ["omi", "serve"]
    assert run.environment() == {"A": "1", "B": "two words"}


def test_the_last_line_that_fits_a_path_decides(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").write_text("# all\n*\n!kept\n!one/*.txt\n**/*.pyc\n")
    for name in ("kept/a.py", "kept/deep/a.pyc", "one/a.txt", "one/a.py", "secret/.env"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [str(path) for path in sent_to_builder(tmp_path)] == ["kept/a.py", "one/a.txt"]
