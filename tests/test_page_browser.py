"""The page in a real browser: it draws, in both languages, without a network and without an error."""

import shutil
import subprocess

import matplotlib.image
import numpy as np
import pytest
from comparisons import county

from sim.report.page import write_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--virtual-time-budget=5000"]  # fmt: skip

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")]


def browse(page, folder, *flags):
    """Open a page; returns what the browser says on standard output and on standard error."""
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'profile'}", *flags, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout, done.stderr


@pytest.mark.parametrize("lang, heading", [("en", "The answer in brief"), ("zh", "简要结论")])
def test_the_page_opens_in_a_browser(lang, heading, tmp_path):
    page = write_page(county(), tmp_path, lang)
    dom, errors = browse(page, tmp_path, "--enable-logging=stderr", "--dump-dom")
    assert heading in dom and dom.count("<svg") + dom.count("<img") >= 3
    assert "CONSOLE" not in errors and "Refused to" not in errors
    picture = tmp_path / "page.png"
    browse(page, tmp_path, "--window-size=1000,2400", f"--screenshot={picture}")
    pixels = matplotlib.image.imread(picture)[..., :3]
    assert pixels.shape[:2] == (2400, 1000)
    rows_with_ink = (pixels.min(axis=2) < 0.6).any(axis=1)
    assert rows_with_ink.mean() > 0.3, "the page is all but empty"
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 50, "no figure was drawn"
