"""Laws of editions: a translation is marked if and only if its original says more by now."""

import asyncio
import random
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from multiprocessing import get_context

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.store.engine import Store
from tests.newsroom.story import ACTIONS, Story, correct_and_die, work
from tests.strategies import series

_slugs = (f"story-{number}" for number in count(1))
_SIGKILL = -9
# All examples of a test share its store; each works on a story of its own.
shared_store = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 4,
)


@shared_store
@given(series(st.sampled_from(ACTIONS), 12), st.integers(0, 10**6))
async def test_a_mark_says_that_the_original_says_more(store: Store, acts: list[str], seed: int):
    """Whatever editors do, marked are the translations of entries corrected or assessed since."""
    story, choice = await Story(store, next(_slugs)).open(), random.Random(seed)
    for action in acts:
        await story.act(action, choice)
    await story.check_marks()


async def test_three_processes_leave_no_mark_out(store: Store, record_url: str):
    """Editors in three processes end all their writes, and each mark is where it must be."""
    story, choice = await Story(store, next(_slugs)).open(), random.Random(1)
    for _ in range(2):
        await story.act("publish", choice)
    loop, originals = asyncio.get_running_loop(), story.originals
    with ProcessPoolExecutor(3, get_context("forkserver")) as pool:
        workers = [
            loop.run_in_executor(pool, work, record_url, story.slug, originals, seed, 10)
            for seed in range(3)
        ]
        await asyncio.gather(*workers)
    assert await story.check_marks()


@pytest.mark.full("each statement costs a process", but=["sixth"])
@pytest.mark.parametrize("step", [pytest.param(6, id="sixth"), pytest.param(1, id="every")])
async def test_a_killed_correction_marks_all_or_nothing(store: Store, record_url: str, step: int):
    """A process killed before any statement of a correction leaves it out, with all its marks."""
    story, choice = await Story(store, next(_slugs)).open(), random.Random(2)
    for action in ("publish", "translate", "translate", "draft"):
        await story.act(action, choice)
    context, original, marked = get_context("forkserver"), story.originals[0], []
    for statement in count(step=step):
        arguments = (record_url, story.slug, original, statement)
        process = context.Process(target=correct_and_die, args=arguments)
        process.start()
        await asyncio.to_thread(process.join)
        marked.append(await story.check_marks())
        if process.exitcode != _SIGKILL:
            break
    assert process.exitcode == 0
    assert marked == [0] * (len(marked) - 1) + [3]
    assert len(marked) > 2
