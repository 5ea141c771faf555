"""Layers, resolved as readers show them: what is off is taken off the pages, what is on stays and is no layer any more.

Other marks that name their properties go too: nobody sees these, and the checker does not know them.
Where a layer hangs on an expression, or anything else is not understood, the pages look otherwise afterwards, and the
comparison that follows leads to the next rung.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pikepdf

from domain.messages.told import Told, told

TURNED: Final = told("layer_off_shown")
SETTLED: Final = told("layers_settled")


def _order(operator: str) -> pikepdf.ContentStreamInstruction:
    return pikepdf.ContentStreamInstruction([], pikepdf.Operator(operator))


_SHOWING = frozenset({"Tj", "TJ", "sh", "INLINE IMAGE"})
_MOVING = {  # what these do besides: a path ends, which may clip all the same; text goes to the next line
    **dict.fromkeys(("f", "F", "f*", "B", "B*", "b", "b*", "S", "s"), _order("n")),
    **dict.fromkeys(("'", '"'), _order("T*")),
}


def resolve_layers(pdf: pikepdf.Pdf) -> tuple[Told, ...]:
    """Take the layers off an open file; returns what was done, in plain words.

    Raises:
        ValueError: a layer is seen by an expression of others.
        pikepdf.PdfError: a page's drawing orders cannot be read.
    """
    layers = _Layers.of(pdf.Root.get("/OCProperties", pikepdf.Dictionary()))
    for page in pdf.pages:
        drawing = _seen(page, page.resources, layers)
        if drawing is not None:
            page.obj.Contents = pdf.make_stream(drawing)
    objects: list[Any] = [item for item in pdf.objects if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream))]
    forms = [item for item in objects if item.get("/Subtype") == "/Form" and "/Resources" in item]
    for form in forms:
        drawing = _seen(form, form.Resources, layers)
        if drawing is not None:
            form.write(drawing)
    for resources in (*(page.resources for page in pdf.pages), *(form.Resources for form in forms)):
        _without(resources, "/Properties")
    for item in objects:
        _without(item, "/OC")
    if "/OCProperties" not in pdf.Root:
        return ()
    del pdf.Root["/OCProperties"]
    return (told("layers_resolved"),)


def settle_layers(pdf: pikepdf.Pdf) -> tuple[Told, ...]:
    """Make PDFium show the layers of an open file as the standard says; returns what was done, in plain words.

    What a group says of its own use counts only where the file's settings call on it (``/AS``; ISO 32000-1, 8.11.4.4);
    PDFium goes by it always.
    """
    properties = pdf.Root.get("/OCProperties")
    if not isinstance(properties, pikepdf.Dictionary):
        return ()
    try:
        layers = _Layers.of(properties)
    except (AttributeError, TypeError):  # no settings that a standard speaks of: nothing to go by
        return ()
    groups = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and _is_group(item)]
    misled = [group for group in groups if (_own_state(group) == "/OFF") != layers.hides(group)]
    for group in misled:  # the rest of it may be another group's too
        group["/Usage"] = pikepdf.Dictionary({key: value for key, value in group.Usage.items() if key != "/View"})
    return (*((SETTLED,) if misled else ()), *((TURNED,) if _turn(pdf) else ()))


def _turn(pdf: pikepdf.Pdf) -> bool:
    """Put a group whose being off is asked for into a list: of one that stands alone PDFium asks nothing but itself."""
    objects: list[Any] = [item for item in pdf.objects if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream))]
    forms = (item.get("/Resources") for item in objects if item.get("/Subtype") == "/Form")
    named = [
        _dictionary(_dictionary(item).get("/Properties")) for item in (*(page.resources for page in pdf.pages), *forms)
    ]
    layers = [*objects, *(item.get("/OC") for item in objects), *(layer for group in named for layer in group.values())]
    is_any = False
    for layer in map(_dictionary, layers):
        is_alone = layer.get("/Type") == "/OCMD" and isinstance(layer.get("/OCGs"), pikepdf.Dictionary)
        if is_alone and layer.get("/P") in {"/AllOff", "/AnyOff"}:
            layer["/OCGs"] = pikepdf.Array([layer["/OCGs"]])
            is_any = True
    return is_any


def _dictionary(item: Any) -> Any:
    return item if isinstance(item, pikepdf.Dictionary) else {}


def _is_group(item: pikepdf.Dictionary) -> bool:
    return item.get("/Type") == "/OCG" and _own_state(item) is not None


def _own_state(group: pikepdf.Dictionary) -> Any:
    """What a group says itself of whether it is seen, None when it does not."""
    usage = group.get("/Usage")
    view = usage.get("/View") if isinstance(usage, pikepdf.Dictionary) else None
    return view.get("/ViewState") if isinstance(view, pikepdf.Dictionary) else None


def _called(settings: Any) -> Iterator[tuple[int, int]]:
    """The groups whose own state the settings call on for the screen."""
    for call in settings.get("/AS", ()):
        if call.get("/Event") == "/View" and "/View" in list(call.get("/Category", ())):
            yield from (group.objgen for group in call.get("/OCGs", ()))


def _without(owner: Any, key: str) -> None:
    if key in owner:
        del owner[key]


class _Layers(NamedTuple):
    """Which groups the file's own settings turn on and off (ISO 32000-1, 8.11.4.3)."""

    on: frozenset[tuple[int, int]]
    off: frozenset[tuple[int, int]]
    is_off_else: bool
    called: frozenset[tuple[int, int]]

    @classmethod
    def of(cls, properties: Any) -> "_Layers":
        settings = properties.get("/D", pikepdf.Dictionary())
        on, off = (frozenset(group.objgen for group in settings.get(key, ())) for key in ("/ON", "/OFF"))
        return cls(on, off, settings.get("/BaseState") == "/OFF", frozenset(_called(settings)))

    def hides_item(self, item: Any) -> bool:
        """Whether a picture or a form is in a layer that is off; annotations are shown all the same."""
        return isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)) and self.hides(item.get("/OC"))

    def hides(self, layer: Any) -> bool:
        """Whether a group, or what several groups decide together, is off; what is neither is seen."""
        if not isinstance(layer, pikepdf.Dictionary):
            return False
        if layer.get("/Type") != "/OCMD":
            return self._is_off(layer)
        if "/VE" in layer:
            raise ValueError("a layer is seen by an expression of others")
        named = layer.get("/OCGs")
        groups = list(named) if isinstance(named, pikepdf.Array) else [named]
        states = [not self._is_off(group) for group in groups if isinstance(group, pikepdf.Dictionary)]
        return bool(states) and not {
            "/AllOn": all(states),
            "/AnyOff": not all(states),
            "/AllOff": not any(states),
        }.get(str(layer.get("/P")), any(states))

    def _is_off(self, group: Any) -> bool:
        state = _own_state(group) if group.objgen in self.called else None
        if state is not None:
            return bool(state == "/OFF")
        return group.objgen in self.off or (self.is_off_else and group.objgen not in self.on)


def _seen(content: Any, resources: Any, layers: _Layers) -> bytes | None:
    """The drawing orders of a page or a form without what is off and without marks of layers; None: as they were.

    What is off still moves the pen, changes colours and clips: only what it would put on paper goes.
    """
    properties, drawn = (resources.get(key, pikepdf.Dictionary()) for key in ("/Properties", "/XObject"))
    if not len(properties) and not any("/OC" in item for item in drawn.values()):
        return None
    kept: list[Any] = []
    marks: list[
        tuple[bool, bool]
    ] = []  # whether a mark names its properties, and whether these are a layer that is off
    count = 0
    for order in pikepdf.parse_content_stream(content):
        count += 1
        operator, operands = str(order.operator), order.operands
        is_off = any(off for _, off in marks)
        if operator in {"BDC", "BMC"}:
            goes = operator == "BDC" and isinstance(operands[1], pikepdf.Name)
            is_layer = goes and operands[0] == "/OC"
            marks.append((goes, is_layer and layers.hides(properties.get(str(operands[1])))))
        elif operator == "EMC" and marks:
            goes, _ = marks.pop()
        elif operator == "Do":
            goes = is_off or layers.hides_item(drawn.get(str(operands[0])))
        else:
            goes = is_off and operator in _SHOWING
        if not goes:
            kept.append(_MOVING.get(operator, order) if is_off else order)
    return pikepdf.unparse_content_stream(kept) if len(kept) < count else None
