"""Whether the digits of a number that finds a paper look as the same digits do elsewhere."""
