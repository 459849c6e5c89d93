"""Official papers as PDF: blocks of text and tables, set by typst piece by piece, joined into one file. No I/O."""
