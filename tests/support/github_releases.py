"""Releases, as GitHub answers with them; and a server that does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from anyio.abc import ByteStream

from tests.support.plugin_server import PluginServer, Received, plugin_server, raw

REPOSITORY = "omi/firmware"
PATH = f"/repos/{REPOSITORY}/releases"
NOTES = """## What is new
* less noise

<!-- KEY_VALUE_START
release_firmware_version: {version}
minimum_firmware_required: v1.0.4
minimum_app_version: 1.0.43
minimum_app_version_code: 130
device_type: {device}
KEY_VALUE_END -->
"""


def a_release(version: str = "v2.0.1", *, device: str = "friend", day: int = 1, **more: Any) -> dict[str, Any]:
    """A release of firmware, with all that GitHub tells beside."""
    name = f"{device}_firmware_{version}"
    return {
        "url": f"https://api.github.com{PATH}/17{day}",
        "id": 170 + day,
        "author": {"login": "somebody", "id": 1},
        "node_id": "RE_kwDO",
        "tag_name": name,
        "target_commitish": "main",
        "name": name.replace("_", " "),
        "draft": False,
        "prerelease": False,
        "created_at": "2024-10-01T00:00:00Z",
        "published_at": f"2024-10-{day:02}T09:30:00Z",
        "assets": [an_asset("build.log"), an_asset(f"{name}.zip"), an_asset(f"{device}-ota-{version}.zip")],
        "body": NOTES.format(version=version, device=device),
        **more,
    }


def an_asset(name: str, **more: Any) -> dict[str, Any]:
    address = f"https://github.com/{REPOSITORY}/releases/download/{name}"
    return {"id": 1, "name": name, "size": 212_480, "state": "uploaded", "browser_download_url": address, **more}


class Releases:
    """A repository that publishes."""

    def __init__(self, server: PluginServer) -> None:
        self.server = server
        self.listed: list[dict[str, Any]] = []
        server.answers[PATH] = self._answer

    @property
    def url(self) -> str:
        return f"http://{self.server.place}"

    @property
    def asked(self) -> int:
        return len(self.server.received)

    async def _answer(self, request: Received, client: ByteStream) -> None:
        content = msgspec.json.encode(self.listed)
        tag = f'W/"{hash(content)}"'
        is_known = request.headers.get("if-none-match") == tag
        answer = raw(b"" if is_known else content, status=304 if is_known else 200, headers=f"ETag: {tag}\r\n")
        await answer(request, client)


@asynccontextmanager
async def github_releases() -> AsyncIterator[Releases]:
    """Runs a server until the context is left."""
    async with plugin_server() as server:
        yield Releases(server)
