"""Signatures on PDF/A: keys, marks on the page, time stamps and verification.  Only this package knows pyHanko."""
