"""The usual approach in Python: sse-starlette, a queue and a task for each reader."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import FastAPI, Request, Response
from sse_starlette.sse import EventSourceResponse

app = FastAPI()
queues: set[asyncio.Queue[str]] = set()


async def updates() -> AsyncIterator[dict[str, str]]:
    """Yield messages published from now on."""
    queue: asyncio.Queue[str] = asyncio.Queue()
    queues.add(queue)
    try:
        while True:
            yield {"data": await queue.get()}
    finally:
        queues.discard(queue)


@app.get("/sse")
async def subscribe() -> EventSourceResponse:
    """Open a stream."""
    return EventSourceResponse(updates())


@app.post("/pub")
async def publish(request: Request) -> Response:
    """Send the request's body to all readers."""
    text = (await request.body()).decode()
    for queue in queues:
        queue.put_nowait(text)
    return Response(status_code=204)
