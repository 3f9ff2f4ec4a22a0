"""The reading copy of the lessons: built once, read as files, and opened in Chromium."""

import functools
import json
import pathlib
import re

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

pytestmark = pytest.mark.more

ROOT = pathlib.Path(__file__).parents[1]
LESSONS = [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
PAGES = [
    "docs/index",
    "docs/ask",
    "docs/clinic",
    "docs/teaching",
    "docs/hub",
    "docs/recipes",
    "deploy/RESULTS",
    *(f"notebooks/{name}" for name in LESSONS),
]
# axe-core looks at one page of each kind: it takes a minute for the longest.
ACCESSIBLE = ["docs/index", "docs/ask", "docs/clinic", "docs/teaching", "notebooks/01_last_output"]
ACCESSIBLE += ["notebooks/12_explain_your_network"]
LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
AXE = {"preload": False}  # it may not read the style sheets of a page that is a file
CONTROLS = ("ask(",)


@functools.cache
def parsed(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def html(book, page):
    return parsed(book / f"{page}.html")


def lesson(name):
    return nbformat.read(ROOT / f"notebooks/{name}.ipynb", as_version=4)


def flat(text):
    return " ".join(text.split())


def test_the_contents_are_the_lessons_in_their_order_and_the_instructors_page(book):
    links = [link["href"] for link in html(book, "docs/index").select(".toctree-wrapper li > a")]
    lessons = [f"../notebooks/{name}.html" for name in LESSONS if name < "9"]
    appendices = [f"../notebooks/{name}.html" for name in LESSONS if name > "9"]
    found = ["ask.html", "clinic.html", *appendices]
    assert links == [
        *lessons,
        *found,
        "teaching.html",
        "hub.html",
        "../deploy/RESULTS.html",
        "recipes.html",
    ]


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_has_a_page_with_its_headings_pictures_and_questions(book, name):
    page = html(book, f"notebooks/{name}")
    shown = flat(page.article.get_text())
    labels = [flat(svg["aria-label"]) for svg in page.article.select("[role=img]")]
    for cell in lesson(name).cells:
        if cell.cell_type == "markdown":
            for heading in re.findall(r"^#+ (.+)", cell.source, re.M):
                assert heading.replace("`", "").replace("'", "’") in shown, heading
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            for label in BeautifulSoup(data.get("text/html", ""), "html.parser").select(
                "[role=img]"
            ):
                assert flat(label["aria-label"]) in labels
            if cell.source.startswith(CONTROLS) and "your network" not in data["text/plain"]:
                assert flat(data["text/plain"]) in shown, data["text/plain"]
    links = [link["href"] for link in page.article.select("a[href]")]
    assert not [link for link in links if ".ipynb" in link], "a link leads out of the book"


def test_a_link_between_lessons_leads_to_a_heading_that_is_there(book):
    written = sum(
        len(re.findall(r"\]\([\w.]*#", cell.source))
        for name in LESSONS
        for cell in lesson(name).cells
        if cell.cell_type == "markdown"
    )
    followed = 0
    for page in PAGES:
        for link in html(book, page).article.select("a.reference.internal[href]"):
            target, _, anchor = link["href"].partition("#")
            here = book / f"{page}.html"
            there = (here.parent / target).resolve() if target else here
            assert there.exists(), link["href"]
            if anchor:
                followed += 1
                assert parsed(there).find(id=anchor), link["href"]
    assert followed == written > 0


@pytest.mark.parametrize("page", [*PAGES, "index", "404", "search"])
def test_a_page_loads_nothing_from_the_network(book, page):
    soup = html(book, page)
    loaded = [tag[LOADED[tag.name]] for tag in soup(list(LOADED)) if tag.get(LOADED[tag.name])]
    loaded += re.findall(r"url\(['\"]?(.*?)['\"]?\)", " ".join(map(str, soup("style"))))
    assert [one for one in loaded if re.match(r"(https?:)?//", one)] == []


def test_the_search_index_knows_the_words_of_the_lessons(book):
    text = (book / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    found = index["terms"]["barrel"]
    pages = [index["docnames"][one] for one in (found if isinstance(found, list) else [found])]
    assert "notebooks/11_forecast_oil_prices" in pages


@pytest.fixture
def opened(chrome, book):
    """Open pages of the book as files; afterwards nothing went wrong and nothing was fetched."""
    contexts, complaints = [], []

    def hear(page):
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", failed)
        page.on("request", lambda request: fetched(request.url))

    def failed(request):
        if request.failure != "net::ERR_ABORTED":  # as where a page is left while it loads
            complaints.append(f"failed: {request.url}")

    def fetched(url):
        if not url.startswith(("file:", "data:")):
            complaints.append(f"from the network: {url}")

    def open_one(name, theme="light", width=1280):
        size = {"width": width, "height": 1000}
        contexts.append(chrome.new_context(color_scheme=theme, viewport=size))
        page = contexts[-1].new_page()
        hear(page)
        page.goto((book / f"{name}.html").as_uri())
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def test_a_reader_goes_from_the_first_page_to_a_picture_and_a_solution(opened):
    page = opened("index")
    page.get_by_role("link", name="Read here").click()
    page.wait_for_url("**/docs/index.html")
    page.get_by_role("article").get_by_role("link", name="2. Every output").click()
    picture = page.locator("details.after .cell_output [role=img]").first
    assert not picture.is_visible()
    page.locator("details.after:has([role=img]) > summary").first.click()
    picture.scroll_into_view_if_needed()
    assert picture.is_visible()
    assert picture.bounding_box()["width"] > 500
    solution = page.locator("details:has(summary:text-is('One solution'))").first
    code = solution.locator("pre").first
    assert not code.is_visible()
    solution.locator("summary").press("Enter")
    assert code.is_visible()
    page.get_by_role("article").get_by_role(
        "link", name="What does return_sequences change"
    ).first.click()
    page.wait_for_url("**/90_questions_people_ask.html#*")
    assert page.get_by_role("heading", name="What does return_sequences change").is_visible()


def test_search_finds_a_word_without_a_network(opened):
    page = opened("docs/index")
    page.keyboard.press("Control+k")
    page.keyboard.type("return_state")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html*")
    page.locator("#search-results li a[href*='03_last_output_and_states']").first.click()
    page.wait_for_url("**/03_last_output_and_states.html*")
    assert "return_state" in page.get_by_role("article").inner_text()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_narrow_screen(opened, name):
    page = opened(name, width=420)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


@pytest.mark.parametrize(("theme", "width"), [("light", 420), ("dark", 1280)])
@pytest.mark.parametrize("name", ACCESSIBLE)
def test_a_page_is_accessible(opened, name, theme, width):
    page = opened(name, theme, width)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    found = Axe().run(page, context={"include": [["article"]]}, options=AXE)
    assert found.violations_count == 0, found.generate_report()


# The texts of the lessons' tables and explanations whose contrast with what is behind them is lower
# than WCAG's 4.5. axe-core does not decide where the two are alike.
PALE = """() => {
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    const linear = part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    const light = colour => colour.slice(0, 3).map(part => linear(part / 255))
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0.05);
    const behind = element => {
        const colour = parts(getComputedStyle(element).backgroundColor);
        return colour[3] === 0 ? behind(element.parentElement) : colour;
    };
    const says = element => [...element.childNodes].some(node => node.nodeType === 3
        && node.data.trim());
    const contrast = element => {
        const pair = [parts(getComputedStyle(element).color), behind(element)].map(light);
        return Math.max(...pair) / Math.min(...pair);
    };
    return [...document.querySelectorAll(".cell_output .text_html :not(svg *)")].filter(says)
        .map(element => [contrast(element), element.textContent]).filter(([ratio]) => ratio < 4.5);
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_lessons_show_is_readable_in_both_themes(opened, theme):
    page = opened("notebooks/12_explain_your_network", theme)
    assert page.locator(".cell_output .text_html table").count() > 4
    assert page.evaluate(PALE) == []
