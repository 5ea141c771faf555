"""Schema history: one folder per database, each revision spelled out and never edited afterwards."""
