"""Rubric → YAML that people can read and that loads back unchanged."""

import yaml

from rubrics.convert import from_rubric
from rubrics.model import Rubric

WIDTH = 112

_ODD_BREAKS = frozenset("\r\x85\u2028\u2029")


class _Dumper(yaml.SafeDumper):
    """Whole numbers without a decimal point, long texts as blocks."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)


def _number(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    return dumper.represent_int(int(value)) if value.is_integer() else dumper.represent_float(value)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=_style(value))


def _style(value: str) -> str | None:
    if not _ODD_BREAKS.isdisjoint(value):
        return '"'  # YAML 1.1 folds these like newlines in every other style
    return "|" if "\n" in value else ">" if len(value) > WIDTH else None


_Dumper.add_representer(float, _number)
_Dumper.add_representer(str, _text)


def dump_yaml(rubric: Rubric) -> str:
    """YAML of a rubric, fields in the format's order, defaults left out; `load_text` takes it back unchanged."""
    fields = from_rubric(rubric).model_dump(mode="json", exclude_defaults=True)
    ordered = {"id": rubric.id, "version": rubric.version, **fields}
    return yaml.dump(ordered, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH)
