"""OpenAI for the contract suites: the vendor's own SDK against the simulated vendor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from adapters.inbound.simulators.openai import SimulatedOpenAI, serve_openai
from adapters.inbound.simulators.openai_faults import OpenAIFault, OpenAIFaultKind, OpenAIScript
from adapters.outbound.language_model.openai import OpenAILanguageModel, OpenAILanguageModelSettings
from tests.contract.language_model_bench import Bench

KEY = "a-key-for-tests"


@asynccontextmanager
async def openai(_: Path) -> AsyncIterator[Bench]:
    """A model. `break_down` makes the vendor refuse every connection."""
    async with model_at_simulation() as (model, simulation):

        async def break_down() -> None:
            simulation.script = OpenAIScript(faults=(OpenAIFault(kind=OpenAIFaultKind.REFUSE),))

        yield Bench(model=model, follows_instructions=True, break_down=break_down)


@asynccontextmanager
async def model_at_simulation(
    *faults: OpenAIFault, **settings: Any
) -> AsyncIterator[tuple[OpenAILanguageModel, SimulatedOpenAI]]:
    """A model that is open, and the vendor it asks."""
    script = OpenAIScript(faults=faults)
    async with serve_openai(key=KEY, script=script) as simulation, asking(simulation, **settings) as model:
        yield model, simulation


def asking(simulation: SimulatedOpenAI, **settings: Any) -> OpenAILanguageModel:
    """A model that is to be opened. It tries nothing twice unless told."""
    given: dict[str, Any] = {"api_key": KEY, "base_url": simulation.url, "retries": 0} | settings
    return OpenAILanguageModel(OpenAILanguageModelSettings(**given))
