"""National and sector databases that may hold what a citizen would bring: asked over REST, never trusted blindly."""
