"""The subscribers of this process: each event is framed once a wire and given to all."""
