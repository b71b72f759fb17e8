"""The models that make outputs, and the generations that they made: one output, in parts by worker."""
