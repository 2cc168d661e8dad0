"""FastAPI's own Server-Sent Events as documented: a generator for each reader."""

import asyncio
from collections.abc import AsyncIterable

from fastapi import FastAPI, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

app = FastAPI()
queues: set[asyncio.Queue[str]] = set()


@app.get("/sse", response_class=EventSourceResponse)
async def subscribe() -> AsyncIterable[ServerSentEvent]:
    """Yield messages published from now on."""
    queue: asyncio.Queue[str] = asyncio.Queue()
    queues.add(queue)
    try:
        while True:
            yield ServerSentEvent(raw_data=await queue.get())
    finally:
        queues.discard(queue)


@app.post("/pub")
async def publish(request: Request) -> Response:
    """Send the request's body to all readers."""
    text = (await request.body()).decode()
    for queue in queues:
        queue.put_nowait(text)
    return Response(status_code=204)
