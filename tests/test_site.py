"""The site that the book is: what is seen, loaded and allowed, over http in Chromium."""

import functools
import json
import re
import struct
from itertools import groupby

import entries
import front
import public
import pytest
import reading
from axe_playwright_python.sync_playwright import Axe
from booking import made
from bs4 import BeautifulSoup

pytestmark = pytest.mark.more

ADDRESS = "https://lessons.example/lstm/"
OWN = ["index", "docs/ask", "docs/clinic", "entries/what-does-units-mean", "404"]
SECTIONS = {"# A\n": [], "b()": ["after"], "c": ["after"], "d": [], "e": ["after"]}


@functools.cache
def parsed(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def pages(book):
    return [path.relative_to(book).with_suffix("").as_posix() for path in book.rglob("*.html")]


def flat(text):
    return " ".join(text.split())


@pytest.fixture
def visited(chrome, served):
    """Open pages over http; afterwards nothing was wrong, and no other host was asked."""
    contexts, complaints = [], []

    def foreign(request):
        if not request.url.startswith((served, "data:")):
            complaints.append(f"asked for {request.url}")

    def open_one(name, theme="light", width=1200, **more):
        size = {"width": width, "height": 900}
        context = chrome.new_context(color_scheme=theme, viewport=size, **more)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", foreign)
        page.goto(f"{served}{name}")
        return page

    open_one.complaints = complaints
    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


# What a lesson shows where nothing runs


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("check(mine, spec)", "check"),
        ("x = 1\n\nfinished(\n    ('a', x),\n)", "finished"),
        ("from a import review\n\nreview(number=6)", "review"),
        ("check = 1", None),
        ("x.check(1)", None),
        ("check(mine)\nprint(1)", "print"),
        ("%pip install x", None),
        ("", None),
    ],
)
def test_the_call_that_a_cell_ends_with_is_known(code, name):
    assert reading.last_call(code) == name


def test_no_page_shows_what_is_said_of_work_that_was_not_done(book):
    said = re.compile(r"Not attempted|^[–✓✗] |A review: |A table: the versions|How the lessons go")
    lines = 0
    for path in sorted((book / "notebooks").glob("*.html")):
        outputs = parsed(path).select(".cell_output")
        assert [one.text for one in outputs if said.search(one.text.strip())] == [], path.name
        lines += sum("In JupyterLab check says" in flat(one.text) for one in outputs)
    assert lines > 20


def test_what_gives_an_answer_away_is_folded_and_nothing_else(book):
    for path in sorted(front.NOTEBOOKS.glob("[0-8]*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        tagged = [("after" in cell["metadata"].get("tags", ()), cell) for cell in cells]
        runs = sum(after for after, _ in groupby(tagged, lambda pair: pair[0]))
        page = parsed(book / f"notebooks/{path.stem}.html")
        folds = page.select("details.after")
        assert len(folds) == runs, path.name
        assert not [one for one in folds if one.has_attr("open") or one.select("h1, h2, h3")]
        inside = [flat(pre.text) for one in folds for pre in one.select(".cell_input pre")]
        code = [flat("".join(c["source"])) for after, c in tagged if after]
        kinds = [c["cell_type"] for after, c in tagged if after]
        wanted = [one for one, kind in zip(code, kinds, strict=True) if kind == "code"]
        assert inside == wanted, path.name


def test_cells_are_folded_run_by_run():
    cells = [
        {"cell_type": "code", "id": f"c{at}", "source": one, "metadata": {"tags": tags}}
        for at, (one, tags) in enumerate(SECTIONS.items())
    ]
    shown = ["".join(cell["source"]) for cell in reading._folded(cells)]
    fold, end = reading.FOLD, "</details>"
    assert shown == ["# A\n", fold, "b()", "c", end, "d", fold, "e", end]


# What it weighs


def test_the_book_without_a_running_python_is_under_seven_megabytes(book):
    """Its pages have the answers and pictures of all questions, folded."""
    files = [path for path in book.rglob("*") if path.is_file() and path.parts[-2] != "live"]
    files = [path for path in files if "pyodide" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 7e6
    assert not [path.name for path in files if path.suffix in {".map", ".doctree", ".pickle"}]


def test_every_file_of_the_theme_is_loaded_by_a_page(book):
    """Or by a style sheet; what the site's own scripts load is theirs."""
    loaded = set()
    for path in book.rglob("*.html"):
        for tag in parsed(path).select("script[src], link[href], img[src]"):
            name = (tag.get("src") or tag["href"]).split("?")[0]
            loaded.add((path.parent / name).resolve())
    for path in [one for one in loaded if one.suffix == ".css"]:
        style = path.read_text("utf-8")
        for name in re.findall(r"(?:url\(|@import )['\"]?(?!data:)(.+?)['\"]?[);]", style):
            loaded.add((path.parent / name).resolve())
    theme = {one for one in (book / "_static").rglob("*") if one.is_file()}
    theme = {one for one in theme if "live" not in one.relative_to(book).as_posix()}
    assert {one for one in theme - loaded if not one.name.endswith("LICENSE.txt")} == set()


def test_the_first_page_is_light_before_the_first_touch(visited):
    page = visited("")
    weights = []
    page.on("response", lambda response: weights.append(len(response.body())))
    page.reload(wait_until="networkidle")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")  # so the picture is counted
    page.wait_for_timeout(500)
    assert len(weights) > 2
    assert 50_000 < sum(weights) < 300_000


# What it may do


def test_every_page_has_a_policy_before_its_first_script(book):
    for path in book.rglob("*.html"):
        page = parsed(path)
        policy, *more = page.select('meta[http-equiv="Content-Security-Policy"]')
        assert not more
        assert policy.find_previous(["script", "link", "style"]) is None, path.name
        rules = dict(rule.split(" ", 1) for rule in policy["content"].split("; "))
        assert rules["default-src"] == "'self'"
        assert "unsafe-inline" not in rules["script-src"]
        assert "unsafe-eval" not in rules["script-src"].replace("'wasm-unsafe-eval'", "")
        handlers = [name for tag in page(True) for name in tag.attrs if name.startswith("on")]
        assert handlers == [], path.name


def test_no_page_breaks_the_policy_nor_asks_another_host(visited, served, book):
    page, every = visited(""), pages(book)
    alike = [name for name in every if name.startswith("entries/")]  # a few stand for all
    assert len(alike) > 50
    for name in [name for name in every if name not in alike[8:]]:
        page.goto(f"{served}{name}.html", wait_until="networkidle")
        assert visited.complaints == [], name


def test_the_policy_keeps_a_script_out_that_was_not_written_into_the_page(visited):
    page = visited("docs/index.html")
    ran = page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        return window.ran === true;
    }""")
    assert ran is False
    assert any("Content Security Policy" in one for one in visited.complaints)
    visited.complaints.clear()


def test_under_the_policy_the_theme_is_switched_and_a_word_is_found(visited):
    page = visited("docs/index.html")
    page.locator(".theme-switch-button:visible").first.click()
    page.locator(".theme-change-button[data-mode=dark]:visible").first.click()
    page.locator("html[data-theme=dark]").wait_for(state="attached")
    page.keyboard.press("Control+k")
    page.keyboard.type("barrels")
    page.keyboard.press("Enter")
    page.locator("#search-results li a[href*='11_forecast']").first.wait_for()


# The first page


def test_its_links_lead_to_pages_that_are_there(book):
    links = [link["href"] for link in parsed(book / "index.html").select("a[href]")]
    assert len(links) > 25
    for link in links:
        target, _, anchor = link.partition("#")
        assert "//" not in link, "no address is known"
        there = book / (target or "index.html")
        assert there.is_file(), link
        assert not anchor or parsed(there).find(id=anchor), link


def test_the_lessons_stand_on_it_as_in_the_readme(book, root):
    readme = (root / "README.md").read_text("utf-8")
    table = readme.split("| lesson |")[1].split("\n\n")[0]
    page = parsed(book / "index.html")
    groups = [one.text for one in page.select("#lessons ~ h3")]
    assert groups == re.findall(r"^\| \*\*(.+)\*\* \|", table, re.M)
    written = re.findall(
        r"^\| \[(\w+) (.+)\]\(notebooks/(\w+)\.ipynb\) \|.+\| (\d*) ?\|$", table, re.M
    )
    shown = []
    for row in page.select("#lessons ~ ul li"):
        number, _, title = row.a.text.strip().partition(" ")
        minutes = row.select_one(".minutes")
        name = row.a["href"].removeprefix("notebooks/").removesuffix(".html")
        digits = minutes.text.split()[0] if minutes else ""
        shown.append((number.zfill(2) if digits else number, title, name, digits))
    assert shown == written
    assert len(shown) == 16


def test_its_answer_opens_without_scripts(visited):
    page = visited("", java_script_enabled=False)
    answer = page.locator(".question section > details")
    assert answer.get_by_text("batch 3").count() > 0
    said = answer.get_by_text("The answer: ")
    assert not said.is_visible()
    answer.locator("summary").first.click()
    assert said.is_visible()


def test_it_is_gone_through_from_the_keyboard(visited):
    page = visited("")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the question")
    assert skip.is_visible()
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        tag, outline = page.evaluate("""() => {
            const here = document.activeElement, style = getComputedStyle(here);
            return [here.outerHTML.slice(0, 90), `${style.outlineStyle} ${style.outlineWidth}`];
        }""")
        if tag.startswith("<body"):
            break
        seen.add(tag)
        assert outline == "solid 3px", tag
    assert len(seen) > 20
    assert page.locator("main summary").count() >= 2


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 360), ("dark", 1200)])
def test_a_page_of_the_site_fits_and_is_accessible(visited, name, theme, width):
    page = visited(f"{name}.html", theme, width)
    for fold in page.locator("main details").all():
        fold.evaluate("fold => { fold.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    part = {"include": [["article" if name.startswith("docs/") else "html"]]}
    found = Axe().run(page, context=part, options={"preload": False})
    assert found.violations_count == 0, found.generate_report()


def test_paper_is_white_in_the_dark_and_shows_what_is_folded(visited):
    page = visited("", "dark")
    page.emulate_media(media="print", color_scheme="dark")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    assert not page.get_by_role("navigation").is_visible()
    height = (
        "document.querySelector('.question section > details > div').getBoundingClientRect().height"
    )
    assert page.evaluate(height) > 10


def test_a_lesson_is_dark_on_white_paper_in_the_dark_theme(visited):
    page = visited("notebooks/01_last_output.html", "dark")
    page.emulate_media(media="print", color_scheme="dark")
    colours = """selector => {
        const style = getComputedStyle(document.querySelector(selector));
        return [style.color, style.backgroundColor].map(one => one.match(/\\d+/g).map(Number));
    }"""
    for selector in ("article p", "article h2", "article code .pre", ".cell_input .highlight .kn"):
        assert max(page.evaluate(colours, selector)[0]) < 90, selector
    for selector in ("body", ".cell_input .highlight", ".cell_output pre"):
        behind = page.evaluate(colours, selector)[1]
        assert min(behind[:3]) > 240 or behind[3:] == [0], selector


@pytest.mark.parametrize("missing", ["nothing", "notebooks/nothing.html", "a/b/c/d.html"])
def test_what_is_not_there_leads_home_from_any_depth(visited, served, missing):
    page = visited(missing)
    page.get_by_role("link", name="To the first page").click()
    page.wait_for_url(served)
    assert "output shapes" in page.get_by_role("heading", level=1).inner_text()
    visited.complaints[:] = [one for one in visited.complaints if "status of 404" not in one]


@pytest.mark.parametrize(
    ("urls", "ways"),
    [
        ({}, {}),
        ({"Repository": "https://github.com/OWNER/lstm-lessons"}, {}),
        (
            {"Repository": "https://github.com/a/b"},
            {
                "repository": "https://github.com/a/b",
                "binder": public.binder("https://github.com/a/b"),
                "colab": "https://colab.research.google.com/github/a/b/blob/learner/"
                "01_last_output.ipynb",
            },
        ),
    ],
)
def test_a_way_in_is_a_link_once_there_is_an_address(urls, ways):
    assert front.ways(front.repository(urls)) == ways


# What is shared


def test_each_entry_has_a_page_which_leads_to_it_and_which_it_leads_to(book):
    appendix = parsed(book / f"{entries.APPENDIX}.html")
    listed = [link["href"] for link in appendix.select("h3 > a.share")]
    names = [entries.page_of(place.title) for place in entries.entries()]
    assert listed == [f"../{name}.html" for name in names]
    assert len(set(names)) == len(names) > 70
    for name, place in zip(names, entries.entries(), strict=True):
        page = parsed(book / f"{name}.html")
        there, _, anchor = page.select_one("a.start")["href"].partition("#")
        assert (book / "entries" / there).resolve() == (book / f"{entries.APPENDIX}.html").resolve()
        heading = appendix.find(id=anchor).find_next("h3")
        assert heading.text.startswith(place.title.replace("'", "’"))
        assert flat(place.text.replace("`", "").split(".")[0])[:30] in flat(page.main.text)
        links = [link["href"] for link in page.select("header a, main p a")]
        links = [link.partition("#")[0] for link in links]
        assert [link for link in links if not (book / "entries" / link).exists()] == []


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The folder of the book as it is made where the site has an address."""
    return made(tmp_path_factory.mktemp("dist") / "book", "-D", f"html_baseurl={ADDRESS}")


def tags(book, page):
    found = parsed(book / f"{page}.html").select("meta[content]")
    return {tag.get("property") or tag.get("name"): tag["content"] for tag in found}


def test_a_page_has_a_title_and_a_description_of_its_own(book):
    shared = sorted(set(pages(book)) - {"404", "search"})
    titles = [parsed(book / f"{page}.html").title.text for page in shared]
    assert all("LSTM Lessons" in title for title in titles)
    assert len(set(titles)) == len(titles) > 20
    said = {page: tags(book, page)["description"] for page in shared}
    assert len(set(said.values())) == len(said)
    for page, text in said.items():
        assert re.fullmatch(r".{20,199}[.?!…]", text), (page, text)
        assert tags(book, page)["og:description"] == text
        assert (
            tags(book, page)["og:title"]
            in parsed(book / f"{page}.html").title.text + "|LSTM Lessons"
        )


def test_without_an_address_there_is_no_whole_one(book):
    assert not (book / "sitemap.xml").exists()
    assert "Sitemap" not in (book / "robots.txt").read_text()
    for page in pages(book):
        head = parsed(book / f"{page}.html").head
        assert not head.select('[rel=canonical], [property="og:url"], [property="og:image"]')


def test_with_an_address_each_page_has_a_card(published):
    cards = set()
    for page in sorted(set(pages(published)) - {"404", "search"}):
        said = tags(published, page)
        url = ADDRESS if page == "index" else f"{ADDRESS}{page}.html"
        (canonical,) = parsed(published / f"{page}.html").select("link[rel=canonical]")
        assert canonical["href"] == said["og:url"] == url
        assert said["twitter:card"] == "summary_large_image"
        card = published / said["og:image"].removeprefix(ADDRESS)
        content = card.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert struct.unpack(">II", content[16:24]) == (1200, 630)
        assert len(content) < 60_000
        cards.add(content)
    assert len(cards) > 20
    assert not tags(published, "404").keys() & {"og:url", "og:image"}
    assert 'href="/lstm/"' in (published / "404.html").read_text()


def test_with_an_address_the_map_names_every_page(published):
    text = (published / "sitemap.xml").read_text()
    named = re.findall(r"<loc>(.+)</loc>", text)
    shared = set(pages(published)) - {"404", "search", "index"}
    assert sorted(named) == sorted([ADDRESS, *(f"{ADDRESS}{page}.html" for page in shared)])
    assert f"Sitemap: {ADDRESS}sitemap.xml" in (published / "robots.txt").read_text()
    assert sum(path.stat().st_size for path in published.rglob("*") if path.is_file()) < 15e6
