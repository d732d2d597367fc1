"""The machine's own time."""

import time
from datetime import UTC, datetime

import anyio


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await anyio.sleep(max(seconds, 0.0))
