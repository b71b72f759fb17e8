"""Shipped calibrations, as JSON files beside this one. Each names its encoder and the digests of its training data."""
