"""The double's edges: in process for the SDK, and over HTTP on loopback."""
