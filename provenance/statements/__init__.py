"""What a stretch of time came to. So far: the stretch itself."""
