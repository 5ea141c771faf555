"""Secret papers: who says that a paper is none, and what is shown of one meanwhile (law L2.2, L8.5)."""
