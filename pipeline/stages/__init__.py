"""The stages: each a typed function ``(record, context) -> record`` that may run twice."""
