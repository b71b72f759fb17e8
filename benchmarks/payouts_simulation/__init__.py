"""Payouts run from one seed against a double of Stripe and a real database, killed anywhere, with every fault there is.

A seed decides everything: what goes wrong at the provider, where the process dies, when a second one is at work,
what is owed besides, what operators do, how the clock jumps, in which order events come. Afterwards all is mended, the
saga runs until nothing moves, and what the double knows (the truth about money) is held against the books.
"""
