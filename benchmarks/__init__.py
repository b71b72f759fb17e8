"""Measurements. Each prints our figure beside a baseline's from the same run; none of them is a test."""
