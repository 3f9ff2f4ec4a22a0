"""What all controls have in common: their box, their line to type in, and how they are laid out."""

import ipywidgets

from . import keys, loop

FITS = {"width": "auto", "margin": "2px 8px 2px 0"}
ALONE = FITS | {"align_self": "flex-start"}  # of a button that has a line to itself
IN_A_ROW = {"flex_flow": "row wrap", "align_items": "center"}
APART = {"margin": "2px 16px 2px 0"}
TOGGLES = {
    "style": {"button_width": "84px", "description_width": "initial"},
    "layout": APART | {"width": "max-content", "max_width": "100%"},
}
VIEW = "application/vnd.jupyter.widget-view+json"


class Control(ipywidgets.VBox):
    """A box of controls whose text form says what they are for."""

    def __init__(self, children: list[ipywidgets.Widget], text: str):
        loop.home()
        super().__init__(children, layout={"padding": "4px 0 8px 0"})
        self.add_class(keys.HOME)
        self.text = text

    _ipython_display_ = None  # ipywidgets 7, as on Colab, would show the control without its text

    def _repr_mimebundle_(self, **options):
        since_8 = getattr(super(), "_repr_mimebundle_", None)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        bundle = (
            since_8(**options) if since_8 else {"application/vnd.jupyter.widget-view+json": view}
        )
        return {**bundle, "text/plain": self.text}


def line(
    description: str, value: str = "", hint: str = "type it and press Enter"
) -> ipywidgets.Text:
    """Return a line to type in. hint: what stands in it while nothing else does."""
    return ipywidgets.Text(
        description=description,
        value=value,
        placeholder=hint,
        continuous_update=False,
        style={"description_width": "initial"},
        layout={"width": "min(100% - 4px, 480px)"},
    )
