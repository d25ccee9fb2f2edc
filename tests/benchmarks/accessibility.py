"""Hold pages against the rules of axe-core and two widths, in a headless Chromium. Not part of the tests.

    npm pack axe-core && tar xzf axe-core-*.tgz
    python tests/benchmarks/accessibility.py package/axe.min.js PAGE.html ...

Prints what axe-core finds on each page at 390 and 1024 pixels, how much wider than the window the page is,
and how many sheets of A4 and Letter it takes. The exit code is 1 where there is a violation or a page is too
wide. The page that is looked at is a copy with the script added and without the policy that would forbid it.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

WIDTHS = (390, 1024)
SIZES = ("A4", "Letter")
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_RUN = """
<script>{axe}</script>
<script>
axe.run(document, {{resultTypes: ["violations", "incomplete"]}}).then(found => {{
  const told = parent.document.createElement("pre");
  told.id = "told";
  const short = one => ({{
    id: one.id, impact: one.impact, help: one.help, nodes: one.nodes.map(n => n.html.slice(0, 160)),
  }});
  told.textContent = JSON.stringify({{
    violations: found.violations.map(short),
    incomplete: found.incomplete.map(short),
    passes: found.passes.length,
    width: window.innerWidth,
    wider: document.documentElement.scrollWidth - window.innerWidth,
  }});
  parent.document.body.appendChild(told);
}});
</script>
</body>"""


def browser() -> str:
    """Return where Chromium is."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        sys.exit("no Chromium is installed")
    return found


def sheets(page: Path, size: str) -> int:
    """Return how many sheets of a size a page is printed on."""
    text = page.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as directory:
        shown, printed = Path(directory) / "page.html", Path(directory) / "page.pdf"
        shown.write_text(
            text.replace("</head>", f"<style>@page {{ size: {size} }}</style></head>"), encoding="utf-8"
        )
        subprocess.run(
            [
                *(browser(), "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"),
                *(f"--user-data-dir={directory}/profile", f"--print-to-pdf={printed}", shown.as_uri()),
            ],
            capture_output=True,
            check=True,
        )
        return len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes()))


def looked_at(page: Path, axe: Path, width: int) -> dict[str, Any]:
    """Return what axe-core finds on a page at a width."""
    text = _POLICY.sub("", page.read_text(encoding="utf-8"))
    text = text.replace("</body>", _RUN.format(axe=axe.read_text(encoding="utf-8")))
    # A window has a least width of its own; a frame has the width that it is given.
    frame = f'<iframe style="border: 0" width="{width}" height="900" srcdoc="{html.escape(text)}"></iframe>'
    with tempfile.TemporaryDirectory() as directory:
        shown = Path(directory) / "page.html"
        shown.write_text(f"<!doctype html><meta charset=utf-8><body>{frame}</body>", encoding="utf-8")
        told = subprocess.run(
            [
                *(browser(), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000"),
                *(f"--user-data-dir={directory}/profile", "--dump-dom", shown.as_uri()),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r'<pre id="told">(.*?)</pre>', told.stdout, re.S)
    if found is None:
        sys.exit(f"{page}: the page was not looked at")
    return dict(json.loads(html.unescape(found[1])))


def main(axe: str, *pages: str) -> int:
    """Look at pages and return the exit code."""
    code = 0
    for page in pages:
        print(f"{page}: {', '.join(f'{sheets(Path(page), size)} sheets of {size}' for size in SIZES)}")
        for width in WIDTHS:
            found = looked_at(Path(page), Path(axe), width)
            wrong = found["violations"] or found["wider"] > 0
            code = code or int(bool(wrong))
            counts = f"{len(found['violations'])} violations, {len(found['incomplete'])} to look at"
            print(
                f"{page} at {found['width']}: {counts}, {found['passes']} rules pass, too wide by "
                f"{max(0, found['wider'])} pixels"
            )
            for kind in ("violations", "incomplete"):
                for one in found[kind]:
                    print(f"  {kind}: {one['id']} ({one['impact']}): {one['help']}")
                    for node in one["nodes"][:5]:
                        print(f"    {node}")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
