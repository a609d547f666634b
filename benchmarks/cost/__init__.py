"""What a build costs: shared by the benchmarks `overhead` and `scaling`."""
