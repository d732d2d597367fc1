"""The emulator of Cloud Storage, for tests: one for all of them, a bucket for each."""

from functools import cache

from gcp_storage_emulator.exceptions import Conflict
from gcp_storage_emulator.handlers.buckets import create_bucket
from gcp_storage_emulator.server import Server, create_server


@cache
def _server() -> Server:
    """Runs until the process ends: stopping it takes half a second."""
    server = create_server("127.0.0.1", 0, in_memory=True)
    server._api.daemon = True
    server.start()
    return server


def cloud_storage(*buckets: str) -> str:
    """The address of the emulator, in which there are buckets of these names from now on."""
    server = _server()
    for bucket in buckets:
        try:
            create_bucket(bucket, server._storage)
        except Conflict:
            continue
    return f"http://127.0.0.1:{server._api._httpd.server_port}"
