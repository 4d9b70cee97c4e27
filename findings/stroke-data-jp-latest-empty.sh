#!/bin/sh
# npm package hanzi-writer-data-jp (stroke order of Japanese characters): the latest version, 0.0.2,
# holds no character at all. The one before it, 0.0.1, holds 2,941, one JSON file each, with as
# many medians as outlines of strokes. The readme of both says that each character is a file of the
# package.
#
# So `npm install hanzi-writer-data-jp` gives nothing to draw from, and whoever pins no version finds
# every character missing, which looks like a path that is wrong. The Chinese data stands in badly: 骨
# and 喝 have 10 and 11 strokes in 0.0.1, 9 and 12 in hanzi-writer-data 2.0.1, other forms under the
# same codepoints.
#
# Ends with status 1 if 0.0.2 holds characters, or the counts differ. Needs npm and Python 3.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for package in hanzi-writer-data-jp@0.0.1 hanzi-writer-data-jp@0.0.2 hanzi-writer-data@2.0.1; do
    mkdir "$package"
    (cd "$package" && npm pack --silent "$package" >/dev/null && tar xzf ./*.tgz)
done
python3 - <<'PYTHON'
import json
from pathlib import Path

KANJI = "骨喝"


def characters(package):
    """Medians of every character of a package."""
    files = Path(package, "package").glob("?.json")
    read = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}
    return {char: data["medians"] for char, data in read.items()
            if len(data["medians"]) == len(data["strokes"])}


japan, latest, china = map(characters, (
    "hanzi-writer-data-jp@0.0.1", "hanzi-writer-data-jp@0.0.2", "hanzi-writer-data@2.0.1"))
counts = [[len(data[char]) for char in KANJI] for data in (japan, china)]
print("characters in 0.0.1, in 0.0.2:", len(japan), len(latest))
print("strokes of", KANJI, "in Japan's data, in China's:", *counts)
raise SystemExit(0 if len(japan) == 2941 and not latest
                 and counts == [[10, 11], [9, 12]] else 1)
PYTHON
