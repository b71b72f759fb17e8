"""A double of Stripe Connect that keeps state: the unmodified SDK drives it, in process or over loopback.

``core`` is pure: a `World` that is an explicit value, and ``handle(world, request, now)``, which answers a request and
changes the world; no socket, no clock, no random source. ``edges`` are thin: a client for the SDK that calls the core
without a socket, and a server for loopback. It stands in for v1 of the API as far as transfers to creators need it, and
refuses what it doesn't know, rather than pretending. It never speaks to Stripe and takes no live key.
"""
