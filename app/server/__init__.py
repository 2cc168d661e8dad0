"""All that reaches into uvicorn: the HTTP and WebSocket protocols, time-outs, takeover, signals."""
