"""Workers: the flow as dramatiq actors over a broker.  Only this package knows dramatiq."""
