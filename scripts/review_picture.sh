#!/bin/sh
# docs/img/review.png: the first page of the demo's review. Needs LibreOffice and poppler.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
.venv/bin/tiendo demo --plain --keep "$work/demo" >"$work/places"
soffice --headless --convert-to pdf --outdir "$work" "$work"/demo/reports/*/BaoCao_*.xlsx >/dev/null
pdftoppm -r 90 -png -f 1 -singlefile "$work"/BaoCao_*.pdf docs/img/review
