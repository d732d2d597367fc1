"""Every route that is served is asked for as an app does, and nothing is asked for that is not there."""

from pathlib import Path

import pytest

from tests.support.app_tests import routes_asked_for
from tests.support.known_routes import ERAS, NOT_SERVED
from tests.support.omi_app.routes import NO_CONTENT, READERS
from tests.support.program import container_over, rest_of
from tests.support.route_table import alike, served

LISTED = {alike(line) for lines in ERAS.values() for line in lines.splitlines() if line}


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    return {alike(route.name) for route in served(rest_of(container_over(tmp_path_factory.mktemp("program"))))}


def test_every_route_is_asked_for_as_an_app_does(routes: set[str]) -> None:
    missing = sorted(routes - {alike(name) for name in routes_asked_for()})
    assert not missing


def test_no_test_asks_for_a_route_that_there_is_not(routes: set[str]) -> None:
    assert not {alike(name) for name in routes_asked_for()} - routes


def test_the_app_reads_no_answer_of_a_route_that_there_is_not(routes: set[str]) -> None:
    assert not {alike(name) for name in (*READERS, *NO_CONTENT)} - routes


def test_what_an_app_may_ask_for_is_served_or_there_is_a_reason(routes: set[str]) -> None:
    assert routes | {alike(name) for name in NOT_SERVED} >= LISTED


def test_routes_are_read_from_the_source_of_tests(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(
        '@pytest.mark.parametrize("of", ["a", "b"])\n'
        "async def test_first(app, of):\n"
        '    await app.ask(f"GET /{of}/{{name}}", name=1)\n'
        "async def test_second(app):\n"
        '    await app.ask("GET /a/{name}")\n'
        '    await app.stream("hello")\n'
        "async def helper(app):\n"
        '    await app.ask("GET /c")\n'
    )
    assert routes_asked_for(tmp_path) == {
        "GET /a/{name}": "test_some.py::test_first",
        "GET /b/{name}": "test_some.py::test_first",
        "POST /v2/messages": "test_some.py::test_second",
    }
