"""The text that a file brought with it, whether it is seen or not: a hidden layer tells what an earlier reader saw."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pypdfium2

from domain.readings import PageReading
from pipeline.recognition.text_layer import all_words


def brought_pages(pdf: Path) -> Iterator[PageReading]:
    """Every page with all words that its text says, in whatever ink and under whatever picture."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        for index in range(len(document)):
            with closing(document[index]) as page:
                yield PageReading(number=index + 1, words=all_words(page))
