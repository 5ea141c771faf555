"""The third reader: a small line recogniser that is asked of the lines of number and day alone.

It is another model than the second reader, with other slips, and reads a line with what stands above and below it.
On body words its votes added nothing (docs/decisions/0074).  Of its wheel only the model and its letters are taken, by
digest, none of its code is run; it may be absent.
"""

import json
import logging
from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
import onnxruntime

from pipeline.recognition.context.posterior import Posterior
from pipeline.recognition.ink import Rectangle
from pipeline.recognition.second import data_of
from pipeline.scans.raster import Pixels

_WHEEL, _MODEL, _LETTERS = "trueocr", "models/rec.onnx", "models/meta.json"
_DIGESTS = {  # of version 0.1.1
    _MODEL: "360b800dcbebd1099270f703ac35a43a6c86b40de049c4be78a130184b3bfef0",
    _LETTERS: "934c619f2b8579aa0fa0ead0ec20afc79fd92966be0255ebaf821142fe8740cd",
}
_PROBABILITIES = "/LogSoftmax_output_0"
_HEIGHT, _WIDEST, _MULTIPLE, _HALO = 32, 768, 8, 8  # pixels, as the model was trained
_PAD_ABOVE, _PAD_BESIDE, _WINDOW = 0.2, 0.3, 3  # heights of the line; it sees three lines
_log = logging.getLogger("khoso.recognition")


class ThirdReader:
    """The model, loaded once per process."""

    def __init__(self, model: bytes, letters: Sequence[str]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # lines are of all widths: an arena keeps memory for each
        self._session = onnxruntime.InferenceSession(
            model + _further_output(_PROBABILITIES), options, providers=["CPUExecutionProvider"]
        )
        self._places = {letter: place for place, letter in enumerate(letters, 1)}

    def look(self, grey: Pixels, box: Rectangle) -> Posterior:
        """How likely any text is in the line in the box."""
        left, top, right, bottom = box
        tall = max(1, bottom - top)
        above = round((_WINDOW * (1 + 2 * _PAD_ABOVE) - 1) / 2 * tall)
        beside = round(_PAD_BESIDE * tall)
        room = cv2.copyMakeBorder(grey, above, above, beside, beside, cv2.BORDER_CONSTANT, value=255)
        cut = room[top : bottom + 2 * above, left : right + 2 * beside]
        height = _HEIGHT * _WINDOW
        wide = max(_MULTIPLE, min(_WIDEST, round(cut.shape[1] * height / cut.shape[0])))
        way = cv2.INTER_AREA if cut.shape[0] > height else cv2.INTER_LINEAR
        ink = 1 - cv2.resize(cut, (wide, height), interpolation=way).astype(np.float32) / 255
        seen = np.zeros((1, 1, height, -(-wide // _MULTIPLE) * _MULTIPLE + _HALO), np.float32)
        seen[0, 0, :, :wide] = ink
        lengths, logs = self._session.run(
            ["lengths", _PROBABILITIES], {"x": seen, "widths": np.array([wide], np.int64)}
        )
        return Posterior(logs[0, : int(lengths[0])], self._places)


def _further_output(name: str) -> bytes:
    """What is put behind a model for one more output: what is told twice is joined (graph 7, output 12, name 1)."""
    told = b"\x0a" + bytes([len(name)]) + name.encode()
    output = b"\x62" + bytes([len(told)]) + told
    return b"\x3a" + bytes([len(output)]) + output


@cache
def third_reader() -> ThirdReader | None:
    """The reader of this process; None when its model is not installed.

    Raises:
        SetupError: another model lies in its place.
    """
    content = data_of(_WHEEL, _DIGESTS)
    if content is None:
        _log.warning("the third reader is not installed (%s): number and day are read without it", _WHEEL)
        return None
    return ThirdReader(content[_MODEL], json.loads(content[_LETTERS])["charset"])
