"""Requests that nobody thinks of, made from the description of the interface: in each, one thing is odd."""

from collections.abc import Iterator
from typing import Any

import httpx

from domain.ids import UserId
from tests.support.user_data import DAVE

USER = UserId("anna")
ODD_WORDS = (
    "%00",
    "%ff",
    "%ed%a0%80",
    "",
    "-1",
    "9" * 25,
    "1e400",
    "NaN",
    "a" * 5_000,
    "%2e%2e%2f",
    "%0d%0aX:%20y",
    "٣",
)
"""In addresses, as they are sent."""
ODD_BODIES = (
    b"",
    b'"\xff"',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"text": NaN}',
    b'{"text":"\\ud800"}',
    b"\xef\xbb\xbf{}",
    b'{"latitude":1e400,"longitude":1}',
    b'{"content":"\\u0000","name":"a\\u0000b","query":"\\u0000","text":"\\u0000","description":"\\u0000"}',
    b'{"fcm_token":"x","time_zone":"../../etc/passwd"}',
    b'{"fcm_token":"x","time_zone":"\\u0000"}',
    b'{"text":"hi","transcript_segments":[{"text":"hi","start":0,"end":1}],"started_at":"0001-01-01T00:00:00+23:59"}',
    b'{"text":"hi","transcript_segments":[{"text":"hi","start":0,"end":1}],"started_at":"9999-12-31T23:59:59-23:59"}',
    b'{"request_id":"1","source":"audio","text":"hi","timestamp_range":{"start":0,"end":253402000000}}',
    b'{"url":"http://[::1"}',
    b'{"url":"http://a:99999/"}',
    b'{"score":1e308}',
    b'{"transcript_segments":[],"photos":1,"people":1,"memories":1,"feedback":1,"user":1,"plugins":1}',
    b'{"bytes":[[255]],"duration":1e308}',
    b'{"query":"\\"* OR NEAR("}',
)
FORMS = ("multipart/form-data", "multipart/form-data; boundary=x", "application/msgpack", "text/plain")
GARBLED_FORM = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename*=no-such''%ff\r\n\r\n\xff\r\n--x--\r\n"
USUAL = {
    "uid": USER,
    "app_id": "diary",
    "memory_id": f"{USER}-trip",
    "fact_id": f"{USER}-new",
    "person_id": DAVE,
    "kind": "memory_created",
    "assign_type": "is_user",
    "value": "true",
    "trigger_integrations": "true",
}


def odd_requests(label: str, described: dict[str, Any]) -> Iterator[httpx.Request]:
    """Requests in which one thing is odd."""
    method, _, path = label.partition(" ")
    parameters = described.get("parameters", [])
    plain = _address(path, parameters, {})
    example = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    for parameter in parameters:
        for word in ODD_WORDS:
            if word or parameter["in"] == "query":
                yield httpx.Request(method, _address(path, parameters, {parameter["name"]: word}), json=example)
    if "requestBody" in described:
        for body in ODD_BODIES:
            yield httpx.Request(method, plain, content=body, headers={"Content-Type": "application/json"})
        for kind in FORMS:
            for body in (b"", b'"\xff"', GARBLED_FORM):
                yield httpx.Request(method, plain, content=body, headers={"Content-Type": kind})


def _address(path: str, parameters: list[dict[str, Any]], odd: dict[str, str]) -> str:
    """An address with usual values, but for one."""
    query = []
    for parameter in parameters:
        name = parameter["name"]
        value = odd.get(name, USUAL.get(name, "0"))
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", value)
        elif parameter["in"] == "query" and (parameter["required"] or name in odd):
            query.append(f"{name}={value}")
    return f"http://omi{path}?{'&'.join(query)}"
