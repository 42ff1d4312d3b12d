"""`yba ig build`: a package that says what it holds, the same bytes each time, codes as honest as the lists behind them."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from yba import fhir, terminology
from yba.cli.main import yba
from yba.operations import build_ig
from yba.specs import fhir as specs
from yba.specs import systems
from yba.terminology import canonical_resources

Files = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """What stands in the package, by name."""
    built = build_ig(tmp_path_factory.mktemp("ig"))
    with tarfile.open(fileobj=io.BytesIO(built.path.read_bytes())) as archive:
        return {one.name: orjson.loads(archive.extractfile(one).read()) for one in archive}  # type: ignore[union-attr]


def test_index_and_manifest_name_every_file(files: Files) -> None:
    assert files["package/package.json"]["name"] == "vn.yba.r4"
    assert files["package/package.json"]["fhirVersions"] == ["4.0.1"]
    for folder in ("package", "package/example"):
        inside = {name.rpartition("/")[2] for name in files if name.rpartition("/")[0] == folder} - {".index.json", "package.json"}
        listed = files[f"{folder}/.index.json"]["files"]
        assert {one["filename"] for one in listed} == inside
        for one in listed:
            held = files[f"{folder}/{one['filename']}"]
            assert (one["resourceType"], one["id"], one.get("url")) == (held["resourceType"], held["id"], held.get("url"))
    guide = next(one for name, one in files.items() if "ImplementationGuide" in name)
    assert len(guide["definition"]["resource"]) == sum("resourceType" in one for one in files.values()) - 1


def test_resources_are_valid_and_no_canonical_version_stands_twice(files: Files) -> None:
    seen = set()
    for name, one in files.items():
        if "resourceType" in one and not name.startswith("package/example/"):
            small = {key: value for key, value in one.items() if key != "concept"}
            assert not [issue.en for issue in fhir.validate(small) if issue.severity == "error"], name
            if "url" in one:
                assert (one["url"], one["version"]) not in seen
                seen.add((one["url"], one["version"]))


def selectable(concept: dict[str, Any]) -> bool:
    """Whether a claim may carry the code: chapters and blocks may not."""
    return not any(one["code"] == "notSelectable" for one in concept.get("property", ()))


def test_code_systems_say_as_much_as_their_lists(files: Files) -> None:
    held = {(one["url"], one["version"]): one for one in files.values() if one.get("resourceType") == "CodeSystem"}
    icd = held[systems.national("icd10"), "tt06-2026"]
    assert icd["content"] == "complete"
    assert icd["count"] == len(icd["concept"])
    assert sum(map(selectable, icd["concept"])) == 15844
    assert sum(map(selectable, held[systems.national("icd10"), "qd4469-2020"]["concept"])) == 12318
    for found in terminology.all_lists():
        for edition in found.editions:
            one = held.get((found.uri, edition.id))
            if one is not None:
                assert one["content"] == ("complete" if edition.complete else "fragment")
                assert sum(map(selectable, one["concept"])) == edition.codes
                assert len({code["code"] for code in one["concept"]}) == len(one["concept"])
                assert ("count" in one) == edition.complete
    told = {url for url, _ in held}
    wanted = set(systems.names()["national"].values()) - {systems.extension("")}
    assert wanted <= told, wanted - told
    assert all("concept" not in one for one in held.values() if one["content"] == "not-present")


def test_value_sets_and_profiles_name_only_what_is_there(files: Files) -> None:
    systems_here = {one["url"] for one in files.values() if one.get("resourceType") == "CodeSystem"}
    for one in specs.value_sets().values():
        own = {each["system"] for each in one["compose"]["include"] if each["system"].startswith("https://yba.vn/")}
        assert own <= systems_here
    capability = next(one for name, one in files.items() if "CapabilityStatement" in name)
    for resource in capability["rest"][0]["resource"]:
        assert resource["supportedProfile"][0] in specs.profiles()
    definitions = {each["definition"] for one in capability["rest"][0]["resource"] for each in one["searchParam"] if "definition" in each}
    assert definitions == {one["url"] for one in specs.search_parameters()}


def test_the_command_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    for name in ("one", "two"):
        done = CliRunner().invoke(yba, ["ig", "build", "--out", str(tmp_path / name), "--json"])
        assert done.exit_code == 0, done.output
    assert (tmp_path / "one" / "package.tgz").read_bytes() == (tmp_path / "two" / "package.tgz").read_bytes()
    assert len(canonical_resources()) > 100
