"""Encoders: text segments to unit vectors."""
