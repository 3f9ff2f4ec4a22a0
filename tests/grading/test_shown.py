"""What a submission may put before a person's eyes: tried in a real browser."""

import json
import os
import sys

import browser
import pytest

from conftest import cell, with_id

pytestmark = pytest.mark.more

RUN = "window.ran = (window.ran || 0) + 1"
ATTACKS = {
    "script": f"<script>{RUN}</script>",
    "image": f'<img src="x" onerror="{RUN}">',
    "link": f"[look](javascript:{RUN.replace(' ', '%20')}) and <a href='javascript:{RUN}'>look</a>",
    "link written with entities": "[look](&#106;avascript:window.ran=1)",
    "link by reference": "[look][1]\n\n[1]: javascript:window.ran=1",
    "address": "<javascript:window.ran=1>",
    "svg": f'<svg onload="{RUN}"><script>{RUN}</script></svg>',
    "frame": f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    "refresh": '<meta http-equiv="refresh" content="0; url=https://example.org/">',
    "style": '<p style="background: url(https://example.org/a)">x</p>'
    "<style>body { background: url(https://example.org/b) }</style>",
    "picture elsewhere": "![x](https://example.org/c)",
    "twice": "<div>\n\n[x](javascript:window.ran=1)\n\n<scr<script>ipt>window.ran=1</script></div>",
    "formula": r"$\href{javascript:window.ran=1}{look}$ &#92;href{javascript:window.ran=1}{look}",
    "form": '<form action="https://example.org"><button>OK</button></form>',
    "code": f"`<script>{RUN}</script>`\n\n```\n<img src=x onerror={RUN!r}>\n```",
    "details": f'<details open ontoggle="{RUN}"><summary>x</summary></details>',
    "mathml": f'<math><mtext><table><mglyph><style><img src=x onerror="{RUN}"></table></math>',
    "comment": f"<!--><script>{RUN}</script>-->",
}


@pytest.fixture(scope="module")
def shown(root):
    sys.path.insert(0, str(root / "assignments"))
    import shown

    yield shown
    sys.path.remove(str(root / "assignments"))


def outputs(mark_up):
    """Return outputs of every kind that would be shown as this mark-up, or run."""
    script = f"{RUN};"
    data = {
        "text/html": mark_up,
        "text/plain": mark_up,
        "application/javascript": script,
        "image/svg+xml": f'<svg xmlns="http://www.w3.org/2000/svg" onload="{script}"></svg>',
        "text/markdown": mark_up,
        "image/png": f'x" onerror="{RUN}',
        "application/vnd.jupyter.widget-view+json": {"model_id": mark_up},
    }
    about = {"image/png": {"width": f'1" onerror="{RUN}'}}
    return [
        dict(output_type="display_data", data=data, metadata=about),
        dict(output_type="execute_result", data=data, metadata=about, execution_count=1),
        dict(output_type="stream", name="stdout", text=mark_up),
        dict(output_type="error", ename=mark_up, evalue=mark_up, traceback=[mark_up]),
        dict(output_type="update_display_data", data=data),
    ]


def page(shown, nb, template, written):
    """Return the notebook as nbgrader's pages show it. template: "feedback" or "formgrade"."""
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers
    from traitlets.config import Config

    config = Config()
    config.HTMLExporter.template_name = template
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    styles = "node_modules/bootstrap/dist/css"
    config.HTMLExporter.extra_template_paths = [os.path.join(handlers.static_path, styles)]
    about = dict(score=0, max_score=1, late_penalty=0, notebook="x", student="x")
    resources = dict(nbgrader=about, base_url="", index=0, total=1, notebook_id="x")
    resources |= dict(submission_id="x", student="x", first_name="", last_name="")
    html, _ = HTMLExporter(config=config).from_notebook_node(nb, resources=resources)
    written.write_text(shown.guarded(html) if template == "feedback" else html)
    return written.as_uri()


def safe(shown, mark_up):
    """Return a notebook of this mark-up after both of the places where it is made safe."""
    import nbformat

    given = nbformat.from_dict(
        dict(
            nbformat=4,
            nbformat_minor=5,
            metadata=dict(title=mark_up, widgets=mark_up, kernelspec=dict(name=mark_up)),
            cells=[
                dict(cell_type="markdown", source=mark_up, id='"><script>', metadata={}),
                dict(cell_type="raw", source=mark_up, id="b", metadata={"format": "text/html"}),
                dict(
                    cell_type="code",
                    source=f"'''{mark_up}'''",
                    id="c",
                    metadata=dict(tags=[f'"{mark_up}'], nbgrader=dict(grade_id=f'"{mark_up}')),
                    execution_count=None,
                    outputs=[],
                ),
            ],
        )
    )
    given.cells[0].attachments = {"x.png": {f'image/png" onerror="{RUN}': "AA"}}
    resources = {"nbgrader": {"assignment": "scenarios"}}
    nb, _ = shown.Taken().preprocess(given, resources)
    nb, _ = shown.Shown().preprocess(nb, resources)
    nb.cells[-1].outputs = [nbformat.from_dict(one) for one in outputs(mark_up)]
    nb, _ = shown.Shown().preprocess(nb, resources)
    nbformat.validate(nb)
    return nb


@pytest.mark.parametrize("template", ["feedback", "formgrade"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_mark_up_of_a_submission_runs_or_calls_out(
    chrome, shown, tmp_path, monkeypatch, attack, template
):
    monkeypatch.setattr(shown, "released", lambda name: {})
    url = page(shown, safe(shown, ATTACKS[attack]), template, tmp_path / "page.html")
    tab, asked = chrome.new_page(), []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(url, wait_until="load")
    for _ in range(2):
        tab.evaluate(
            "document.querySelectorAll('.rendered_html :is(a, summary, button, maction)')"
            ".forEach(one => one.click())"
        )
        tab.wait_for_timeout(50)
    assert tab.evaluate("window.ran") is None
    assert tab.url.split("#")[0] == url
    assert not [one for one in asked if "example.org" in one]
    assert tab.locator("iframe, svg, form, meta[http-equiv=refresh]").count() == 0
    said = tab.locator(".text_cell_render").first
    assert not said.locator("script, style, img, [onerror], [onload], [ontoggle]").count()
    tab.close()


def test_what_the_browser_shows_can_fail(chrome, shown, tmp_path):
    import nbformat

    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(ATTACKS["image"])])
    tab = chrome.new_page()
    tab.goto(page(shown, nb, "formgrade", tmp_path / "page.html"), wait_until="load")
    tab.wait_for_timeout(100)
    assert tab.evaluate("window.ran") == 1
    tab.goto(page(shown, nb, "feedback", tmp_path / "page.html"), wait_until="load")
    tab.wait_for_timeout(100)
    assert tab.evaluate("window.ran") is None  # the policy of the page holds it up as well
    tab.close()


def test_formgrader_itself_runs_nothing_of_a_submission(
    chrome, classroom, tmp_path_factory, monkeypatch
):
    from nbgrader.api import Gradebook

    room = classroom("scenarios")
    hostile = with_id(room.read("release"), "eve")
    attacks = [ATTACKS[name] for name in ("script", "image", "link", "svg", "details")]
    cell(hostile, "explanation")["source"] = "\n\n".join(["Read **me**.", *attacks])
    shows = f"from IPython.display import HTML\ndisplay(HTML({ATTACKS['image']!r}))"
    cell(hostile, "collect")["source"] = shows
    room.submit("eve", hostile)
    assert "explanation has mark-up that would run or fetch something" in room.grade().stdout
    with Gradebook(f"sqlite:///{room.folder}/gradebook.db") as book:
        key = book.find_submission_notebook("scenarios", "scenarios", "eve").id
    monkeypatch.chdir(room.folder)
    with browser.lab(chrome, room.folder, tmp_path_factory.mktemp("settings")) as lab:
        page = f"{lab.url}/formgrader/submissions/{key}/?token={lab.token}"
        tab, asked = chrome.new_page(), []
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(page, wait_until="load")
        assert tab.locator(".rendered_html strong", has_text="me").count() == 1
        tab.evaluate("document.querySelectorAll('.rendered_html a').forEach(one => one.click())")
        tab.wait_for_timeout(200)
        assert tab.evaluate("window.ran") is None
        assert lab.sessions() == []
        hosts = {one.split("/")[2] for one in asked} - {lab.url.split("/")[2]}
        assert hosts <= {"cdnjs.cloudflare.com"}  # where nbgrader's own page has MathJax from
        path = room.folder / "autograded/eve/scenarios/scenarios.ipynb"  # as it was handed in
        notebook = json.loads(path.read_text())
        cell(notebook, "explanation")["source"] = ATTACKS["image"]
        path.write_text(json.dumps(notebook))
        tab.goto(page, wait_until="load")
        tab.wait_for_timeout(200)
        assert tab.evaluate("window.ran") == 1
        tab.close()


def test_what_is_harmless_stays(shown):
    prose = shown.prose("**h** is `output[:, -1]`:\n\n- (3, 7), 2 < 3 & x\n\n[so](https://a.org)\n")
    assert "<strong>h</strong>" in prose
    assert "<code>output[:, -1]</code>" in prose
    assert '<a href="https://a.org">so</a>' in prose
    assert "2 &lt; 3 &amp; x" in prose
    assert "\n" not in prose
    table = "<table><tr><th style='color: #123456'>h</th></tr></table>"
    [made] = [shown.output(dict(output_type="display_data", data={"text/html": table}))]
    assert 'style="color: #123456;"' in made.data["text/html"]
    picture = shown.output(dict(output_type="display_data", data={"image/png": "iVBORw0KGgo=\n"}))
    assert picture.data == {"image/png": "iVBORw0KGgo=\n"}


def test_a_cell_is_known_by_its_id_where_its_metadata_was_lost(shown, monkeypatch):
    import nbformat

    about = dict(grade_id="test-collect", points=4.0, locked=True)
    monkeypatch.setattr(shown, "released", lambda name: {"test-collect": about})
    lost = nbformat.v4.new_code_cell("1", id="test-collect")
    changed = nbformat.v4.new_code_cell("1", id="other")
    changed.metadata["nbgrader"] = {**about, "points": 400.0}
    strange = nbformat.v4.new_code_cell("1", metadata=dict(nbgrader=dict(grade_id="mine")))
    for one, wanted in ((lost, about), (changed, about), (strange, None)):
        nb = nbformat.v4.new_notebook(cells=[one])
        made, _ = shown.Taken().preprocess(nb, {"nbgrader": {"assignment": "scenarios"}})
        assert made.cells[0].metadata.get("nbgrader") == wanted


def test_active_mark_up_is_told(shown):
    import nbformat

    for name, text in ATTACKS.items():
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
        assert list(shown.active(nb)) == ["cell 1"], name
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("(3, 7) < x, *h* & c")])
    assert list(shown.active(nb)) == []
