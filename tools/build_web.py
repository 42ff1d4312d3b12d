"""Fetch what the pages take from npm, by lock file, and lay it where the server hands it out (python tools/build_web.py).

Without it the pages use the system's font and work without htmx. Nothing fetched is committed. Be Vietnam Pro is under the SIL Open Font
License 1.1, htmx under the Zero-Clause BSD licence; the licence texts are laid beside the files. axe-core judges the pages in
tests/journeys and is never served.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "tools" / "web"
FONTS = ROOT / "src" / "yba" / "web" / "static" / "fonts"
FETCHED = ROOT / "src" / "yba" / "web" / "static" / "fetched"
FAMILY = "be-vietnam-pro"
WEIGHTS = (400, 600)
PAPER = ("400Regular", "400Regular_Italic", "600SemiBold")
# Unicode ranges as the foundry's package gives them; a page loads the parts whose letters it has.
RANGES = {
    "vietnamese": "U+0102-0103,U+0110-0111,U+0128-0129,U+0168-0169,U+01A0-01A1,U+01AF-01B0,U+0300-0301,U+0303-0304,U+0308-0309,U+0323,U+0329,U+1EA0-1EF9,U+20AB",
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD",
}  # fmt: skip


def main() -> int:
    """Fetch and lay out; 0 also where npm is missing, because the pages work without."""
    npm = shutil.which("npm")
    if npm is None:
        print("npm is not there: the pages will use the system's font", file=sys.stderr)
        return 0
    subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=FOLDER, check=True)
    package = FOLDER / "node_modules" / "@fontsource" / FAMILY
    FONTS.mkdir(parents=True, exist_ok=True)
    rules = []
    for weight in WEIGHTS:
        for subset, letters in RANGES.items():
            name = f"{FAMILY}-{subset}-{weight}-normal.woff2"
            shutil.copyfile(package / "files" / name, FONTS / name)
            rules.append(
                f'@font-face{{font-family:"Be Vietnam Pro";font-weight:{weight};font-display:swap;src:url(/font/{name}) format("woff2");unicode-range:{letters}}}'
            )
    shutil.copyfile(package / "LICENSE", FONTS / "LICENSE")
    paper = FOLDER / "node_modules" / "@expo-google-fonts" / FAMILY  # the whole font as TTF, for paper (yba.forms.paper): typst reads no woff2
    for style in PAPER:
        shutil.copyfile(paper / style / f"BeVietnamPro_{style}.ttf", FONTS / f"BeVietnamPro_{style}.ttf")
    FETCHED.mkdir(parents=True, exist_ok=True)
    htmx = FOLDER / "node_modules" / "htmx.org"
    shutil.copyfile(htmx / "dist" / "htmx.min.js", FETCHED / "htmx.js")
    shutil.copyfile(htmx / "LICENSE", FETCHED / "htmx.LICENSE")
    (FONTS / "fonts.css").write_text("".join(rules), "utf-8")
    print(f"{len(rules)} font files in {FONTS.relative_to(ROOT)}, htmx in {FETCHED.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
