import io
from typing import Any

import anyio
from rich.console import Console

from adapters.inbound.command_line.postprocess import LOOK_EVERY, PostProcessHere, show_outcome
from adapters.outbound.batch_speech_to_text.fake import FakeBatchSpeechToText
from domain.memory import Memory, PostProcessing, PostProcessingStatus
from domain.watermark import speech
from tests.support.http_app import a_memory, a_segment
from tests.support.post_processing import MEMORY, PostProcessingWorld, Scripted
from tests.support.voices import ANNA


def shown(memory: Memory) -> str:
    written = io.StringIO()
    show_outcome(memory, Console(file=written, width=200))
    return written.getvalue().strip()


def here(world: PostProcessingWorld) -> PostProcessHere:
    memories: Any = world.memories
    return PostProcessHere(world.post_process, memories=memories, clock=world.clock)


async def test_it_waits_until_the_work_is_done() -> None:
    world = PostProcessingWorld(Scripted(FakeBatchSpeechToText(), name="fake"))
    await world.remember([a_segment("word0")], speech(0, 30, pause=4_800))
    made: list[Memory] = []

    async def run() -> None:
        made.append(await here(world).run(ANNA, MEMORY, recording=None))

    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            await anyio.wait_all_tasks_blocked()
            await world.done()
            assert not made
            await world.clock.advance(LOOK_EVERY)
    assert shown(made[0]) == "completed by fake; 30 words"


async def test_what_cannot_be_done_is_told_at_once() -> None:
    world = PostProcessingWorld()
    await world.remember([a_segment("one two")])
    memory = await here(world).run(ANNA, MEMORY, recording=None)
    assert shown(memory) == "canceled: no recording of it is kept; 2 words"


def test_a_failure_says_why() -> None:
    failed = PostProcessing(status=PostProcessingStatus.FAILED, recognizer="fal", reason="too few words")
    assert shown(a_memory(postprocessing=failed)) == "failed by fal: too few words; 0 words"
