"""A simulated vendor in a process of its own, to be killed.

It is `omi simulate deepgram --hear speech`, except that it decodes each utterance by itself. The server's own
recognizer decodes an utterance together with the one before, unless the pause between them was long; a vendor hears
the audio without its pauses, and cannot know how long they were.

    python -m benchmarks.failover_vendor PORT KEY
"""

import subprocess
import sys
from functools import partial

import anyio

from adapters.inbound.simulators.deepgram import serve_deepgram
from adapters.inbound.simulators.speech_hearing import listening_to_speech
from adapters.outbound.speech_to_text.moonshine import MoonshineSpeechToText, MoonshineSpeechToTextSettings
from benchmarks.server_process import ROOT, free_port
from bootstrap.commands_simulate import LONGEST_UTTERANCE

KEY = "a-key-for-benchmarks"
SAME_RULES = {
    "OMI_SPEECH_TO_TEXT__MOONSHINE__LONGEST_UTTERANCE": str(LONGEST_UTTERANCE),
    "OMI_SPEECH_TO_TEXT__MOONSHINE__LONGEST_IN_CONTEXT": "0",
}
"""Settings with which the server's own recognizer hears each utterance as this vendor does."""
START_SECONDS = 30.0
_LOOK_SECONDS = 0.05


class Vendor:
    """A vendor that can be killed and started again on the same port."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> dict[str, str]:
        """What points a server at it."""
        return {
            "OMI_SPEECH_TO_TEXT__DEEPGRAM__URL": f"ws://127.0.0.1:{self.port}",
            "OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY": KEY,
        }

    async def start(self) -> None:
        """Starts it; returns when it listens."""
        command = [sys.executable, "-m", "benchmarks.failover_vendor", str(self.port), KEY]
        self._process = subprocess.Popen(command, cwd=ROOT)  # noqa: ASYNC220 - takes a millisecond
        with anyio.fail_after(START_SECONDS):
            while True:
                try:
                    stream = await anyio.connect_tcp("127.0.0.1", self.port)
                except OSError:
                    await anyio.sleep(_LOOK_SECONDS)
                else:
                    return await stream.aclose()

    def kill(self) -> None:
        """Ends it at once. Harmless when it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


async def serve(port: int, key: str) -> None:
    """Is the vendor, until it is killed."""
    settings = MoonshineSpeechToTextSettings(longest_utterance=LONGEST_UTTERANCE, longest_in_context=0.0)
    async with (
        MoonshineSpeechToText(settings) as recognizer,
        serve_deepgram(port=port, key=key, hearing=partial(listening_to_speech, recognizer)),
    ):
        await anyio.sleep_forever()


if __name__ == "__main__":
    anyio.run(serve, int(sys.argv[1]), sys.argv[2])
