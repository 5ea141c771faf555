"""Rubber stamps: in a frame of any ink, and in coloured ink without one or over other ink."""
