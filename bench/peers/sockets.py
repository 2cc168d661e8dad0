"""socketify (uWebSockets in C++) with its own publish to a topic; `sockets.py PORT`."""

import sys

from socketify import App, AppListenOptions, CompressOptions, OpCode, Request, Response, WebSocket

app = App()


async def publish(response: Response, _request: Request) -> None:
    """Send the request's body to all readers."""
    body = await response.get_data()
    app.publish("bench", body.getvalue().decode(), OpCode.TEXT)
    response.write_status(204).end_without_body()


def subscribe(socket: WebSocket) -> None:
    """Subscribe a new reader to the topic."""
    socket.subscribe("bench")


app.post("/pub", publish)
app.ws(
    "/ws",
    {
        "compression": CompressOptions.DISABLED,
        "max_payload_length": 1 << 20,
        "idle_timeout": 120,
        "max_backpressure": 1 << 20,
        "open": subscribe,
    },
)
app.listen(AppListenOptions(port=int(sys.argv[1]), host="127.0.0.1"))
app.run()
