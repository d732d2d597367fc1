"""Requests made up from the description of the interface, right ones and wrong ones (`make schema`).

What comes back has to be what the description says: its status, its media type, its body; and never a failure of ours.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import httpx
import schemathesis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from dependency_injector import providers
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from msgspec import Struct
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi import checks

from adapters.outbound.plugin_catalog.memory import InMemoryPluginCatalog
from bootstrap.whole_users import data_of
from domain.ids import UserId
from domain.integration import AppAction, Integration
from domain.plugin import Capability, ExternalIntegration
from tests.support.plugins import a_plugin
from tests.support.program import Running, program
from tests.support.schema_odd import USER, odd_requests
from tests.support.user_data import DAVE, fill

ENDED = UserId("gone")
"""Deletes the account all the time."""
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
REAL = {
    "memory_id": [f"{USER}-trip", f"{USER}-work", f"{USER}-empty"],
    "fact_id": [f"{USER}-new", f"{USER}-old"],
    "person_id": [DAVE],
    "app_id": ["diary"],
    "plugin_id": ["diary"],
    "kind": ["memory_created", "day_summary", "audio_bytes"],
    "segment_idx": [0, 1],
    "speaker_id": [0],
}
"""What there is, by the name of the parameter of a path: made-up names would never get past 404."""
APP = a_plugin(
    "diary",
    owner=USER,
    capabilities=frozenset({Capability.EXTERNAL_INTEGRATION}),
    external=ExternalIntegration(actions=tuple(AppAction)),
)
"""What acts for its owner."""
OF_APPS = ("/v2/integrations", "/v1/integrations/notification")
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


class Finding(Struct, frozen=True, kw_only=True):
    """An answer that the description does not allow."""

    operation: str
    problem: str
    request: str
    """As a command for a terminal."""
    answer: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.problem}\n  {self.request}\n  {self.answer}"


class Trial:
    """A program that runs, and what it answered wrongly so far."""

    def __init__(self, running: Running, portal: BlockingPortal) -> None:
        self._running = running
        self._portal = portal
        self._document = portal.call(self._described)
        self.findings: dict[tuple[str, str], Finding] = {}
        self.requests = 0
        self.statuses: dict[int, int] = {}
        self._keys: dict[str, str] = {}
        self._is_changed = True

    def operations(self) -> Iterator[Any]:
        """What there is to call."""
        for found in schemathesis.openapi.from_dict(self._document).get_all_operations():
            yield found.ok()

    def run(self, operation: Any, *, examples: int, seed: int, modes: Sequence[GenerationMode] = MODES) -> None:
        """Makes requests up for an operation, as many right ones as wrong ones."""
        self._portal.call(self._refill, operation.method)
        for mode in modes:
            strategy = operation.as_strategy(generation_mode=mode)

            @seeded(seed)
            @settings(
                max_examples=examples,
                database=None,
                deadline=None,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=strategy, data=st.data())
            def try_out(case: Any, data: st.DataObject) -> None:
                for name in set(case.path_parameters or {}) & set(REAL):
                    if data.draw(st.integers(0, 3)):
                        case.path_parameters[name] = data.draw(st.sampled_from(REAL[name]))
                if "uid" in (case.query or {}) and data.draw(st.integers(0, 3)):
                    case.query["uid"] = USER
                self._judge(case)

            with suppress(Unsatisfiable):  # nothing can be wrong about a request without parameters
                try_out()

    def run_odd(self, operation: Any) -> None:
        """Sends what generators seldom think of: no text, no UTF-8, too long, nested for ever, out of all ranges."""
        self._portal.call(self._refill, operation.method)
        described = self._document["paths"][operation.path][operation.method]
        self._portal.call(self._send_odd, operation.label, described, list(odd_requests(operation.label, described)))

    async def _send_odd(self, label: str, described: dict[str, Any], requests: list[httpx.Request]) -> None:
        for request in requests:
            for name, value in (await self._headers(label)).items():
                request.headers[name] = value
            answer = await self._running.client.send(request)
            self._count(answer)
            if answer.status_code >= 500 or str(answer.status_code) not in described["responses"]:
                sent = f"{request.method} {request.url.raw_path[:300]!r} {bytes(request.content[:300])!r}"
                found = Finding(
                    operation=label, problem=str(answer.status_code), request=sent, answer=answer.text[:300]
                )
                self.findings[label, found.problem] = found

    async def _headers(self, label: str) -> dict[str, str]:
        """Who asks."""
        path = label.partition(" ")[2]
        if path.startswith(OF_APPS):
            return {"Authorization": f"Bearer {self._keys[APP.id]}"}
        if path.startswith("/v1/integrations"):
            return {"api-key": self._keys["screenpipe" if path.endswith("screenpipe") else "workflow"]}
        return {"Authorization": f"Bearer token-of-{ENDED if path.endswith('delete-account') else USER}"}

    def _count(self, answer: httpx.Response) -> None:
        self.requests += 1
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1

    def _judge(self, case: Any) -> None:
        answer = self._portal.call(self._send, case)
        self._count(answer)
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failures:
            for failure in failures.exceptions:
                self._note(case, answer, failure)

    def _note(self, case: Any, answer: httpx.Response, failure: Any) -> None:
        assert isinstance(failure, Failure)
        operation, problem = case.operation.label, f"{failure.title}: {failure.message}"
        found = Finding(
            operation=operation,
            problem=f"{answer.status_code} {problem}"[:600],
            request=case.as_curl_command()[:1_500],
            answer=answer.text[:300],
        )
        key = operation, f"{answer.status_code} {failure.title}"
        known = self.findings.get(key)
        if known is None or len(found.request) < len(known.request):
            self.findings[key] = found

    async def _described(self) -> dict[str, Any]:
        described: dict[str, Any] = (await self._running.client.get("/schema/openapi.json")).json()
        return described

    async def _refill(self, method: str) -> None:
        """Has something of everything again, unless nothing can have changed it."""
        container = self._running.container
        if self._is_changed:
            await fill(data_of(container), USER, word="sardines")
            await container.enabled_plugins().add(USER, APP.id)
            if APP.id not in self._keys:
                self._keys[APP.id] = (await container.app_keys().create(USER, APP.id, label="")).secret
            for program_ in Integration:
                self._keys[program_.value] = await container.integration_keys().create(program_, USER)
        self._is_changed = method != "get"

    async def _send(self, case: Any) -> httpx.Response:
        sent = case.as_transport_kwargs(base_url="http://omi")
        headers = dict(sent["headers"]) | await self._headers(case.operation.label)
        client = self._running.client
        request = client.build_request(
            sent["method"], sent["url"], params=sent.get("params"), headers=headers, **_content(sent)
        )
        await request.aread()  # those who look at the answer look at the request as well
        with anyio.fail_after(60):
            return await client.send(request)


def _content(sent: dict[str, Any]) -> dict[str, Any]:
    """The body, as httpx wants it."""
    if sent.get("files"):
        return {"files": [(name, _file(given)) for name, given in sent["files"]]}
    if "json" in sent:
        return {"json": sent["json"]}
    data = sent.get("data")
    if isinstance(data, bytes | str):
        return {"content": data}
    return {"data": data} if data else {}


def _file(given: Any) -> Any:
    if isinstance(given, tuple):
        return (given[0], _file(given[1]), *given[2:])
    return given if isinstance(given, bytes | str) else str(given)


@contextmanager
def trial(folder: Path) -> Iterator[Trial]:
    """Runs the program over a folder until the context is left."""
    catalog = InMemoryPluginCatalog()
    catalog.content = (APP,)
    unlimited = {"OMI_RATE_LIMITS__REQUESTS": "0", "OMI_RATE_LIMITS__COSTLY": "0"}
    running = program(folder, settings=unlimited, plugin_catalog=providers.Object(catalog))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(running) as opened:
        yield Trial(opened, portal)


def main(arguments: Sequence[str]) -> int:
    """Tries all operations: `EXAMPLES [SEED] [PART OF A PATH]`. Says what it found; 1 when there is anything."""
    examples = int(arguments[0]) if arguments else 200
    seed = int(arguments[1]) if len(arguments) > 1 else 0
    wanted = arguments[2] if len(arguments) > 2 else ""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, trial(Path(folder)) as tried:
        for operation in tried.operations():
            if wanted in operation.label:
                start = time.monotonic()
                tried.run_odd(operation)
                tried.run(operation, examples=examples, seed=seed)
                sys.stderr.write(f"{operation.label} {time.monotonic() - start:.2f}\n")
        for finding in tried.findings.values():
            sys.stdout.write(f"{finding}\n\n")
        took = time.monotonic() - began
        statuses = ", ".join(f"{count}x {status}" for status, count in sorted(tried.statuses.items()))
        sys.stdout.write(f"{tried.requests} requests in {took:.0f} s ({statuses}), {len(tried.findings)} findings\n")
        return 1 if tried.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
