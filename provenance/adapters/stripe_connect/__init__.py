"""Stripe Connect behind the ports of payouts. Only here is `stripe` imported; no error of it passes this edge."""
