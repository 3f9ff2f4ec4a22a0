"""What a control has the page do: keys, its place on the screen, its width. No widget is here.

A front end hands what is typed into a field to the field alone (ipywidgets keeps it from bubbling),
so no setting of JupyterLab can reach it. Where there are no cells of JupyterLab's or Notebook 7's,
nothing is changed.
"""

from .markup import Markup, element

HOME = "lstm-lessons"  # the class of every control's outermost element
NARROW = """
.lstm-lessons .widget-html-content { min-width: 0; max-width: 100%; overflow-wrap: break-word }
.lstm-lessons .jupyter-button { height: auto; min-height: var(--jp-widgets-inline-height) }
.lstm-lessons .jupyter-button { max-width: 100%; white-space: normal; text-align: left }
.lstm-lessons code { white-space: normal !important; overflow-wrap: break-word }
"""
# Escape leaves a control for its cell, Shift+Enter for the next cell, and its own is not run again.
# Heard at the window, once for all controls: Notebook 7 hears at the document, before any cell.
# A control that was just run is brought into view: the browser holds on to the cell after it.
WIRED = """
const box = this.closest('.lstm-lessons'), cell = this.closest('.jp-Cell');
this.onload = null;
if (!cell) return;
window.lstmLessonsKeys ??= window.addEventListener('keydown', event => {
  const from = event.target.closest('.lstm-lessons')?.closest('.jp-Cell');
  const onward = event.key === 'Enter' && event.shiftKey;
  if (!from || !onward && event.key !== 'Escape') return;
  event.stopPropagation();
  event.preventDefault();
  from.focus();
  const down = {key: 'ArrowDown', code: 'ArrowDown', keyCode: 40, bubbles: true};
  if (onward) from.dispatchEvent(new KeyboardEvent('keydown', down));
}, true) || true;
setTimeout(() => {
  let next = cell.nextElementSibling;
  while (next && !next.offsetHeight) next = next.nextElementSibling;
  if (![cell, next].some(one => one?.classList.contains('jp-mod-active'))) return;
  const room = cell.closest('.jp-WindowedPanel-outer, .jp-Notebook').clientHeight;
  box.scrollIntoView({block: box.offsetHeight < room ? 'nearest' : 'start'});
}, 300);
"""
FOCUSED = """
const wait = () => {
  if (!this.isConnected) return;
  const fields = [...this.closest('.lstm-lessons').querySelectorAll('input, button')];
  const field = fields.find(one => one.offsetHeight);
  return field ? field.focus() : requestAnimationFrame(wait);
};
this.onload = null;
wait();
"""


def wired() -> Markup:
    """Return what stands in a control so that keys, width and place are right, unseen."""
    return element("style", Markup(NARROW), onload=WIRED)


def focused() -> Markup:
    """Return what puts the focus on the first field, or button, of the control it stands in."""
    return element("style", onload=FOCUSED)
