"""The double's state and its rules, as pure functions over a `World`. Imports the kernel and nothing else."""
