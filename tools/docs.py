# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write guides and reference as web pages: .build/docs/html/index.html."""

from __future__ import annotations

import shutil
import subprocess
import sys

from surroundings import BUILD, VENV, Surroundings

FOLDER = BUILD / "docs"
CONFIGURATION = """\
project = "csp.partner_center"
title = "Microsoft Partner Center in Ansible"
html_short_title = "csp.partner_center"
extensions = ["sphinx_antsibull_ext"]
html_theme = "alabaster"
html_copy_source = False
html_show_sphinx = False
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
default_role = "any"
# Pages of Ansible's own documentation, which are not looked up, and a changelog that is empty before the first release.
suppress_warnings = ["ref.ref", "toc.no_title"]
"""
PROGRAMS = (
    ("antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", "rst"),
    ("sphinx-build", "--quiet", "--fail-on-warning", "--builder", "html", "-c", ".", "rst", "html"),
)


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "rst").mkdir(parents=True, mode=0o755)
    (FOLDER / "conf.py").write_text(CONFIGURATION)
    surroundings = Surroundings()
    environment = surroundings.environment(surroundings.home("docs"), BUILD)
    for program in PROGRAMS:
        command = [str(VENV / "bin" / program[0]), *program[1:]]
        if program[0] == "antsibull-docs":
            command.append("csp.partner_center")
        done = subprocess.run(command, cwd=FOLDER, env=environment, check=False)
        if done.returncode:
            return done.returncode
    print(f"Wrote {FOLDER / 'html' / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
