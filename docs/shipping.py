"""What is done once all pages are written: what no page loads goes, and each page gets a policy.

The policy (Content-Security-Policy) lets a page load from its own site alone, and run no script
but the site's files and those that were written into it.
"""

import base64
import hashlib
import re
import shutil
from pathlib import Path

LEFT_OUT = [  # what Sphinx and its theme bring, and no page loads
    "**/*.map",
    "_static/scripts/fontawesome.js",  # 1.5 MB: its style sheet shows the same icons
    "_static/vendor/fontawesome/webfonts/fa-[br]*",  # the icons are solid
    "_static/*macros.html",
    "_static/images",
    "_static/locales",
    "_static/*.png",
    "_static/*-stemmer.js",  # language_data.js has it
    "objects.inv",
]
ICONS = re.compile(r'\s*<script[^>]*src="[^"]*/fontawesome\.js[^"]*"[^>]*></script>')
SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.S)
CHARSET = re.compile(r'<meta charset="utf-8"\s*/?>', re.I)
POLICY = re.compile(r'\n *<meta http-equiv="Content-Security-Policy".*?>')
ALLOWED = {
    "default-src": "'self'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "object-src": "'none'",
    "frame-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}


def setup(app):
    """Be the last to see the site: what others write when it is finished is there already."""
    app.connect("build-finished", _ship, priority=900)
    return {"parallel_read_safe": True}


def _ship(app, exception):
    out = Path(app.outdir)
    if exception or app.builder.name != "html":
        return
    for path in [path for pattern in LEFT_OUT for path in out.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in out.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        path.write_text(kept_to(ICONS.sub("", text)), encoding="utf-8")


def kept_to(text):
    """Return a page with its policy: its own scripts are known by their hashes."""
    scripts = sorted(set(SCRIPT.findall(text)))
    hashes = [f"'sha256-{_digest(script)}'" for script in scripts if script]
    allowed = ALLOWED | {"script-src": " ".join([ALLOWED["script-src"], *hashes])}
    policy = "; ".join(" ".join(pair) for pair in allowed.items())
    meta = f'\n    <meta http-equiv="Content-Security-Policy" content="{policy}">'
    return CHARSET.sub(lambda found: found[0] + meta, POLICY.sub("", text), count=1)


def _digest(script):
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
