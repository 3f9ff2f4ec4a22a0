"""What a control has the page do: keys, links, its place and its width. No widget is here.

A front end hands what is typed into a field to the field alone (ipywidgets keeps it from bubbling),
so no setting of JupyterLab can reach it. Where there are no cells of JupyterLab's or Notebook 7's,
nothing is changed.
"""

from .markup import Markup, element

HOME = "lstm-lessons"  # the class of every control's outermost element
TIME, PLAYS = f"{HOME}-time", f"{HOME}-plays"  # of a row that leads through time, and its buttons
NARROW = """
.lstm-lessons .widget-html-content { min-width: 0; max-width: 100%; overflow-wrap: break-word }
.lstm-lessons .jupyter-button { height: auto; min-height: var(--jp-widgets-inline-height) }
.lstm-lessons .jupyter-button { max-width: 100%; white-space: normal; text-align: left }
.lstm-lessons code { white-space: normal !important; overflow-wrap: break-word }
.jp-MarkdownOutput code { overflow-wrap: anywhere }
.lstm-lessons :focus-visible { outline: 2px solid var(--jp-ui-font-color1) !important }
.lstm-lessons :focus-visible { outline-offset: 2px }
@media (prefers-reduced-motion: reduce) { .lstm-lessons-plays { display: none } }
"""
# Escape leaves a control for its cell, Shift+Enter for the next cell, and its own is not run again.
# Heard at the window, once for all controls: Notebook 7 hears at the document, before any cell.
# A control that was just run is brought into view: the browser holds on to the cell after it.
# A link to a heading of a notebook that is not open yet leads there once the heading is: JupyterLab
# looks for it before it is drawn, and stays at the top. What somebody does meanwhile ends it.
# A link in a control is nobody's: the browser would leave the page. It is handed to a link of the
# notebook's own to the same file; where there is none, another tab opens.
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
window.lstmLessonsLinks ??= window.addEventListener('click', event => {
  const link = event.target.closest?.('a[href*=".ipynb"]');
  const id = decodeURIComponent(link?.hash.slice(1) ?? '');
  if (!link || !event.isTrusted) return;
  if (link.closest('.lstm-lessons')) {
    const file = one => decodeURIComponent(one.pathname).split('/').pop();
    const here = file(location) === file(link);
    const alike = [...document.querySelectorAll('.jp-RenderedHTMLCommon a[href*=".ipynb"]')];
    const other = alike.find(one => file(one) === file(link) && !one.closest('.lstm-lessons'));
    link.target = '_blank';
    if (here || other && location.pathname.includes('/tree/')) event.preventDefault();
    if (!here && event.defaultPrevented) other.click();
  }
  let looks = 100;
  if (!id) return;
  const look = () => {
    if (looks-- <= 0) return;
    const there = [...document.querySelectorAll(`[data-jupyter-id="${CSS.escape(id)}"]`)];
    there.find(one => one.offsetHeight)?.scrollIntoView();
    setTimeout(look, 100);
  };
  for (const kind of ['wheel', 'keydown', 'mousedown', 'touchstart'])
    window.addEventListener(kind, () => { looks = 0; }, {once: true, capture: true});
  look();
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
# Where what was asked for appears at the lower edge, its end would be below it.
SEEN = """
this.onload = null;
setTimeout(() => this.previousElementSibling.scrollIntoView({block: 'nearest'}), 100);
"""
# What ipywidgets leaves without a name: the buttons that play and stop, and the handle of a slider.
NAMED = """
const name = () => {
  if (!this.isConnected) return;
  const row = this.closest('.lstm-lessons-time');
  const buttons = row.querySelectorAll('.lstm-lessons-plays button');
  const handle = row.querySelector('[role=slider]');
  if (!buttons.length || !handle) return requestAnimationFrame(name);
  ['Play', 'Stop', 'Repeat'].forEach((said, at) => buttons[at]?.setAttribute('aria-label', said));
  handle.setAttribute('aria-label', 'timestep');
};
this.onload = null;
name();
"""


def wired() -> Markup:
    """Return what stands in a control so that keys, width and place are right, unseen."""
    return element("style", Markup(NARROW), onload=WIRED)


def focused() -> Markup:
    """Return what puts the focus on the first field, or button, of the control it stands in."""
    return element("style", onload=FOCUSED)


def seen() -> Markup:
    """Return what brings the element in front of it into view."""
    return element("style", onload=SEEN)


def named() -> Markup:
    """Return what gives the parts of a row that leads through time the names they lack."""
    return element("style", onload=NAMED)
