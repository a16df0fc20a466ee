# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Makes ``saved_by_libreoffice.zip`` again: the table of ``table_samples.py``, filled in, and saved by LibreOffice in the
dialects and encodings that it has. They are in an archive because not all of them are UTF-8.

    python tests/unit/state/tables/save_tables.py

It needs LibreOffice Calc (Debian: libreoffice-calc) and a staged collection (``make stage``). No test needs it; what is
kept was saved by LibreOffice 7.4.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile
import typing as t
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[3]
LOCALE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>{}</value></prop></item></oor:items>
"""
COMMA, SEMICOLON, TAB = 44, 59, 9
UTF_8, WINDOWS_1252, UTF_16 = 76, 1, 65535
#: Name -> locale, separator, encoding, whether all texts are quoted, whether it was kept as xlsx meanwhile.
FILES: dict[str, tuple[str, int, int, bool, bool]] = {
    "en_comma_utf8": ("en-US", COMMA, UTF_8, False, False),
    "en_comma_utf8_quoted": ("en-US", COMMA, UTF_8, True, False),
    "en_tab_utf16": ("en-US", TAB, UTF_16, False, False),
    "en_comma_windows1252": ("en-US", COMMA, WINDOWS_1252, False, False),
    "en_comma_utf8_xlsx": ("en-US", COMMA, UTF_8, False, True),
    "de_semicolon_utf8": ("de-DE", SEMICOLON, UTF_8, False, False),
    "de_semicolon_windows1252_quoted": ("de-DE", SEMICOLON, WINDOWS_1252, True, False),
    "de_tab_utf16_quoted": ("de-DE", TAB, UTF_16, True, False),
    "de_semicolon_utf8_xlsx": ("de-DE", SEMICOLON, UTF_8, False, True),
}
LANGUAGES = {"en-US": 1033, "de-DE": 1031}
#: What a German types.
GERMAN = {"TRUE": "WAHR", "30": "30,0"}


def main() -> None:
    sys.path[:0] = [str(ROOT / ".build"), str(ROOT / "tests")]
    samples = importlib.import_module("unit.state.table_samples")
    with zipfile.ZipFile(HERE / "saved_by_libreoffice.zip", "w") as archive:
        for name, chosen in FILES.items():
            # Without the time, so that the same files make the same archive.
            archive.writestr(zipfile.ZipInfo(f"{name}.csv"), made(samples, name, *chosen), zipfile.ZIP_DEFLATED)


def made(
    samples: t.Any, name: str, locale: str, separator: int, encoding: int, is_quoted: bool, is_xlsx: bool
) -> bytes:
    filled = samples.FILLED
    if locale == "de-DE":
        filled = {
            row: {column: GERMAN.get(cell, cell) for column, cell in cells.items()} for row, cells in filled.items()
        }
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{name}.csv"
        source.write_bytes(samples.filled_in(samples.FLEET, filled).encode("utf-8-sig"))
        return saved(source, locale, separator, encoding, is_quoted, is_xlsx)


def saved(source: Path, locale: str, separator: int, encoding: int, is_quoted: bool, is_xlsx: bool) -> bytes:
    """The table opened with numbers and dates recognised, as after typing them, and saved again."""
    profile = source.parent / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(LOCALE.format(locale))
    language = LANGUAGES[locale]
    opened = f"CSV:{COMMA},34,{UTF_8},1,,{language},false,true"
    if is_xlsx:
        source = converted(profile, source, "xlsx", opened)
        opened = ""
    options = f"{separator},34,{encoding},1,,{language},{str(is_quoted).lower()},true,false"
    return converted(profile, source, f"csv:Text - txt - csv (StarCalc):{options}", opened).read_bytes()


def converted(profile: Path, source: Path, form: str, opened: str) -> Path:
    target = source.parent / "saved"
    command: list[t.Any] = ["soffice", "--headless", f"-env:UserInstallation={profile.as_uri()}"]
    command += [f"--infilter={opened}"] if opened else []
    command += ["--convert-to", form, "--outdir", target, source]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=120)
    return target / f"{source.stem}.{form.partition(':')[0]}"


if __name__ == "__main__":
    main()
