"""Writes `docs/compatibility.md`: every route that apps may ask for, and every one that is served (`make routes`)."""

import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from litestar import Litestar
from litestar.routes import HTTPRoute
from msgspec import Struct

from tests.support.app_tests import routes_asked_for
from tests.support.known_routes import ERAS, NOT_SERVED, TESTS
from tests.support.program import container_over, rest_of

FILE = Path(__file__).resolve().parents[2] / "docs" / "compatibility.md"
_BESIDE = re.compile(r"/(documentation|schema)\b")
_PARAMETER = re.compile(r"\{(\w+)(:\w+)?\}")
INTRODUCTION = """# Which routes are served

Written by `make routes`; a test fails where a route of the program is missing here. Each route is there once and does
the same under all of its names. Statuses are what the apps test for: 200, but for `DELETE` of memories, conversations
and people, which is 204. 401 means that the token is missing or wrong, and nothing else: apps sign users out after two.
What belongs to somebody else is 404. The word `null` in a query is nothing.

The last column names a test that asks for the route as an app does, from the whole program, and reads the answer as
strictly as an app does (`tests/end_to_end/app`); a test fails where there is none.

The live sockets `/listen`, `/v2/listen`, `/v3/listen` and `/v4/listen` are no routes of REST and are not listed here.

Some differences to what the original does, on purpose:

- `GET /plugins` and `GET /v1/plugins` want a token; a `uid` in the address says nothing.
- `DELETE /v1/users/delete-account` removes all there is of a user, by work that outlasts crashes and outages. Where
  other accounts than ours are asked who somebody is (Firebase), the account there stays.
- `POST /v2/memories` and `POST /v1/conversations` wait 25 seconds at most. What takes longer comes with the status
  `processing`, and is told over the socket when it is there.
- `POST /sdcard_memory` waits as long, and answers with the memories that are there by then; what becomes of the rest is
  told to who sends the same recording again. `WS /sdcard_stream` is not served.
- Audio for a developer's webhook comes every five seconds, whatever the address says behind its comma. Addresses inside
  a network are never called.
- `/v1/users/analytics/*` keep nothing. `/v1/firmware/latest` is 404 unless somebody says whose releases are to be told.
- What `/v1/plugins/{plugin_id}/usage` and `/money` count is our reading of the original; nothing is paid.
- `DELETE /v1/conversations/in-progress/clear` ends the conversation that goes on; no memory is made of it, and what was
  kept of it is removed. What is said from then on is kept. 503 where it could not be ended: then all of it stays.
- `/v2/integrations/{app_id}/*` want a key of the app, and a user who has enabled it ([integrations](integrations.md)).
- `GET`, `PATCH /v1/users/translation` are our reading of what later apps ask for.
- Reviews of apps are told without who wrote them.
- A spoken message in which nobody speaks is 400, and `{"transcript": ""}` where it is only to be written down.
  `POST /v1/voice-messages` answers with both messages, the user's first.
- `POST /v1/files` keeps what can be read in a file, and not the file; PDF is refused. `openai_file_id` is the same as
  `id`, `thumbnail` works for an hour. A message may be reported again, and whoever wrote it.
"""


class Served(Struct, frozen=True, kw_only=True):
    """A route of the program."""

    method: str
    path: str
    """Parameters as `{name}`."""
    by: str
    """The module."""
    is_public: bool
    status: int
    """Of success."""

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    @property
    def tests(self) -> str:
        """Where it is tested. Raises KeyError where nobody said."""
        return TESTS[max((start for start in TESTS if self.path.startswith(start)), key=len, default=self.path)]


def served(rest: Litestar) -> Iterator[Served]:
    """The routes of an application, but for its own description."""
    for route in rest.routes:
        if not isinstance(route, HTTPRoute) or _BESIDE.match(route.path):
            continue
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS"}):
                yield Served(
                    method=str(method),
                    path=_PARAMETER.sub(r"{\1}", route.path),
                    by=f"{handler.fn.__module__.rpartition('.')[2]}.py",
                    is_public=bool(handler.opt.get("public")),
                    status=handler.status_code,
                )


def known() -> dict[str, list[str]]:
    """Routes that apps may ask for, as `METHOD /path`, by era."""
    return {era: [line for line in lines.splitlines() if line] for era, lines in ERAS.items()}


def alike(name: str) -> str:
    """A route without what its parameters are called."""
    return re.sub(r"\{\w+\}", "{}", name)


def table(routes: Iterable[Served]) -> str:
    """The page."""
    found = {alike(route.name): route for route in routes}
    tests = {alike(name): test for name, test in routes_asked_for().items()}

    def row(name: str) -> str:
        return _row(name, found.get(alike(name)), tests.get(alike(name)))

    parts, listed = [INTRODUCTION], set[str]()
    for era, names in known().items():
        parts.append(_section(f"The apps of {era}", map(row, names)))
        listed |= {alike(name) for name in names}
    own = sorted((route for name, route in found.items() if name not in listed), key=lambda r: (r.path, r.method))
    parts.append(_section("Of our own", (row(route.name) for route in own)))
    return "\n".join(parts)


def _section(title: str, rows: Iterable[str]) -> str:
    return "\n".join([f"## {title}\n", "| route | served by | tested in | as an app |", "|---|---|---|---|", *rows, ""])


def _row(name: str, route: Served | None, as_an_app: str | None) -> str:
    if route is None:
        return f"| `{name}` | – | {NOT_SERVED[name]} | – |"
    return f"| `{name}` | `{route.by}` | `{route.tests}` | {f'`{as_an_app}`' if as_an_app else '–'} |"


def current() -> str:
    """The page as it has to be now."""
    with tempfile.TemporaryDirectory() as folder:
        return table(served(rest_of(container_over(Path(folder)))))


if __name__ == "__main__":
    FILE.write_text(current())
    sys.stdout.write(f"wrote {FILE.name}\n")
