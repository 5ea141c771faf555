"""The way of a paper: flow, stages, the runner, recognition and extraction."""
