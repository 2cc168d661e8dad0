"""Extensions of uvicorn: HTTP and WebSocket protocols, time-outs, connection takeover, signals."""
