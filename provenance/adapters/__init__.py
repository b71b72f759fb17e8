"""The ports of `provenance.services.ports` on real things: databases, files, models."""
