"""papermill's parameters in TypeScript: `pip install ./lib/kernel/papermill`, or this folder on PYTHONPATH, is all it needs.

papermill has no way to register a translator from outside, but it imports every engine that is announced by an entry point;
this module registers the translator while it is imported as one.
"""

import json
import math
import re

from papermill.engines import NBClientEngine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

DECLARATION = re.compile(
    r"^\s*(?:export\s+)?(?:let|const|var)\s+(?P<name>[\w$]+)\s*(?::\s*(?P<type>[^=]+?))?\s*=\s*(?P<value>.+?)\s*;?\s*(?://\s*(?P<help>.*))?$"
)


class TypeScriptTranslator(Translator):
    """Each parameter becomes a `let`, so that later cells may assign to it as they may to the default's."""

    @classmethod
    def translate_none(cls, val):
        return "null"

    @classmethod
    def translate_str(cls, val):
        return json.dumps(val)

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "NaN"
        if math.isinf(val):
            return "Infinity" if val > 0 else "-Infinity"
        return repr(val)

    @classmethod
    def translate_int(cls, val):
        # Beyond this a number is no longer exact.
        return f"{val}n" if abs(val) > 2**53 - 1 else str(val)

    @classmethod
    def translate_list(cls, val):
        return f"[{', '.join(cls.translate(each) for each in val)}]"

    @classmethod
    def translate_dict(cls, val):
        return "{ " + ", ".join(f"{json.dumps(str(key))}: {cls.translate(each)}" for key, each in val.items()) + " }"

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}"

    @classmethod
    def assign(cls, name, str_val):
        # null alone would say that nothing else ever stands there.
        return f"let {name}: any = null;" if str_val == "null" else f"let {name} = {str_val};"

    @classmethod
    def inspect(cls, parameters_cell):
        found = []
        for line in parameters_cell["source"].split("\n"):
            match = DECLARATION.match(line)
            if match:
                kind = (match["type"] or "None").strip()
                found.append(Parameter(match["name"], kind, match["value"], match["help"] or ""))
        return found


papermill_translators.register("typescript", TypeScriptTranslator)


class TypeScriptEngine(NBClientEngine):
    """papermill's own engine: what is needed here is that papermill imports this module."""
