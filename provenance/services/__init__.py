"""Use cases, one a file: each is one transaction over the ports, which adapters implement."""
