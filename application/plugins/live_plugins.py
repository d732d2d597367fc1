"""Plugins that follow what is said while it is said. Nothing here is in the way of the audio."""

from collections.abc import Sequence

import anyio

from application.plugins.call_plugins import CallPlugins
from application.plugins.enabled_plugins import EnabledPlugins
from application.plugins.live_hooks import LiveHooks
from application.plugins.plugin_failure import Report
from application.plugins.plugin_replies import PluginReplies
from domain.audio import SAMPLE_RATE
from domain.ids import UserId
from domain.plugin import Plugin, Trigger
from domain.transcript import TranscriptSegment
from ports.clock import Clock
from ports.plugin_gateway import PluginCall, PluginGateway

WORDS_EVERY = 1.0
"""Seconds that words are gathered for."""
MOST_SEGMENTS = 200
"""That wait for one plugin; of more, the oldest are dropped."""
AUDIO_EVERY = 5.0
"""Seconds that audio is gathered for."""
MOST_PIECES = 3_000
"""Of audio that wait for one plugin: a minute of packets of 20 ms."""


class LivePlugins:
    """Tells plugins of live speech, and users what plugins say to it."""

    def __init__(
        self,
        *,
        enabled: EnabledPlugins,
        gateway: PluginGateway,
        calls: CallPlugins,
        replies: PluginReplies,
        clock: Clock,
        report: Report,
        audio_every: float = AUDIO_EVERY,
    ) -> None:
        self._gateway = gateway
        self._calls = calls
        self._replies = replies
        self.words: LiveHooks[TranscriptSegment] = LiveHooks(
            Trigger.TRANSCRIPT_PROCESSED,
            enabled=enabled,
            send=self._send_words,
            clock=clock,
            report=report,
            every=WORDS_EVERY,
            keep=MOST_SEGMENTS,
        )
        self.audio: LiveHooks[bytes] = LiveHooks(
            Trigger.AUDIO_BYTES,
            enabled=enabled,
            send=self._send_audio,
            clock=clock,
            report=report,
            every=audio_every,
            keep=MOST_PIECES,
        )

    def offer(self, user: UserId, session: str, segments: Sequence[TranscriptSegment]) -> None:
        """Takes what was said just now. Returns at once and raises nothing.

        Args:
            user: who wears the device.
            session: the conversation.
            segments: the new speech alone, on the clock of the conversation.
        """
        self.words.offer(user, session, segments)

    def wants_audio(self, user: UserId, session: str) -> bool:
        """Whether some plugin wants the audio of a session, as far as is known yet. To be asked now and then."""
        return self.audio.is_wanted(user, session)

    def offer_audio(self, user: UserId, session: str, pcm: bytes) -> None:
        """Takes audio: mono, signed 16-bit little-endian, 16 kHz. Returns at once and raises nothing."""
        self.audio.offer(user, session, (pcm,))

    async def run(self) -> None:
        """Tells plugins until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.words.run)
            tasks.start_soon(self.audio.run)

    async def _send_words(
        self, plugin: Plugin, user: UserId, session: str, segments: tuple[TranscriptSegment, ...]
    ) -> None:
        call = _call(plugin, user)
        reply = await self._calls.call(
            plugin.id, user, lambda: self._gateway.tell_transcript(call, segments, session=session)
        )
        await self._replies.tell_now(user, plugin, reply)

    async def _send_audio(self, plugin: Plugin, user: UserId, _session: str, pieces: tuple[bytes, ...]) -> None:
        call, pcm = _call(plugin, user), b"".join(pieces)
        await self._calls.call(plugin.id, user, lambda: self._gateway.tell_audio(call, pcm, sample_rate=SAMPLE_RATE))


def _call(plugin: Plugin, user: UserId) -> PluginCall:
    return PluginCall(plugin=plugin.id, user=user, address=plugin.external.webhook_url if plugin.external else "")
