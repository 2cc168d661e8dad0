"""Hub: the streams of this process; each event is encoded once per wire format and sent to all."""
