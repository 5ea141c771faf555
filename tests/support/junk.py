"""What people paste into a search box that is no question."""

from hypothesis import strategies as st

JUNK = st.one_of(st.text(), st.text(st.sampled_from("aĐ1 /.-&\"“”«»:()[]^~*?\\+!{}'\u0301\n")))
