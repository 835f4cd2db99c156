"""What the documents say is what the code has: settings, verbs, deployments, links."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.main import build
from tasks.office.settings import ChannelSettings, Settings, SourceSettings
from tasks.office.settings_text import settings_text

ROOT = Path(__file__).resolve().parent.parent
DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
SECTIONS = [name for name in Settings.model_fields if name not in ("channels", "sources")]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
VERBS = [name for name in build() if not name.startswith("-")]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows_of(section: str) -> dict[str, str]:
    """Key → default of a section's table in docs/settings.md."""
    page = text_of("docs/settings.md").split(f"## [{section}]")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", page, re.MULTILINE))


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_is_documented_with_its_default(section: str) -> None:
    fields = type(Settings.model_fields[section].default).model_fields
    written = dict(line.split(" = ", 1) for line in _section_lines(section))
    documented = rows_of(section)
    assert set(documented) == set(fields)
    for key, field in fields.items():
        shown = "–" if field.default is None else f"`{written[key]}`"
        assert documented[key] == shown, key


def _section_lines(section: str) -> list[str]:
    lines = settings_text().split(f"[{section}]\n")[1].split("\n\n")[0].splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_channels_are_documented() -> None:
    for key in ChannelSettings.model_fields:
        assert f"`{key}`" in text_of("docs/settings.md")


def test_every_setting_of_a_source_is_documented_with_its_default() -> None:
    documented = rows_of("sources.NAME")
    assert set(documented) == set(SourceSettings.model_fields)
    for key, field in SourceSettings.model_fields.items():
        if isinstance(field.default, str):
            assert documented[key] == f'`"{field.default}"`', key


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_documented(verb: str) -> None:
    assert f"tiendo {verb}" in text_of("README.vi.md")


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda each: each["name"])
def test_every_deployment_is_documented_and_its_flow_is_there(deployment: dict[str, Any]) -> None:
    assert f"| `{deployment['name']}` |" in text_of("docs/administrators.md")
    path, _, function = deployment["entrypoint"].partition(":")
    assert re.search(rf"^def {function}\(", text_of(path), re.MULTILINE), deployment["entrypoint"]
    for schedule in deployment.get("schedules", []):
        assert schedule["timezone"] == "Asia/Ho_Chi_Minh"


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda each: each["name"])
def test_every_parameter_of_a_deployment_is_asked_for_in_vietnamese(deployment: dict[str, Any]) -> None:
    """As the form of the Prefect UI shows it: a title that is not the name in the code, and a description."""
    import importlib

    path, _, function = deployment["entrypoint"].partition(":")
    flow = getattr(importlib.import_module(path.removesuffix(".py").replace("/", ".")), function)
    for name, about in flow.parameters.properties.items():
        assert about["title"] != name
        assert about["description"]


def test_no_deployment_is_documented_that_is_not_there() -> None:
    table = text_of("docs/administrators.md").split("| deployment |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE)) == {
        each["name"] for each in DEPLOYMENTS
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), target


def test_every_target_of_the_makefile_that_the_pages_name_is_there() -> None:
    targets = set(re.findall(r"^(\w+):", text_of("Makefile"), re.MULTILINE))
    for page in PAGES:
        for name in re.findall(r"`make (\w+)`|^make (\w+)$", page.read_text(encoding="utf-8"), re.MULTILINE):
            assert "".join(name) in targets


def test_no_document_names_a_place_on_this_machine() -> None:
    for page in [*PAGES, ROOT / "Makefile", ROOT / "prefect.yaml"]:
        assert str(ROOT) not in page.read_text(encoding="utf-8"), page
