"""Endpoints, one file a subject. Each reads its form, calls one service and answers a view; rules stand elsewhere."""

from provenance.api.routes import (
    audit,
    creators,
    disputes,
    generations,
    health,
    keys,
    log,
    overlaps,
    parties,
    reviews,
    rights,
    statements,
    subscriptions,
    works,
)

ROUTERS = (
    parties.router,
    keys.router,
    works.router,
    overlaps.router,
    rights.router,
    generations.router,
    creators.router,
    statements.router,
    subscriptions.router,
    reviews.router,
    disputes.router,
    audit.router,
    log.router,
    health.router,
)

__all__ = ["ROUTERS"]
