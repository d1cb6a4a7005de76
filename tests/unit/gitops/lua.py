"""Lua as ArgoCD runs it: base, table, and of os the clock alone; no strings, no files, no other modules.

Must never know which scripts are run.
"""

import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

#: ArgoCD's is a 5.1 (gopher-lua, in 2.x as in 3.x); the other shows what stands on 5.1 alone.
VERSIONS: Final = ("lua51", "lua54")
#: Of Lua's base library, what gopher-lua has in a state that loads no files.
_BASE: Final = (
    "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "print", "rawequal", "rawget", "rawset",
    "select", "setmetatable", "tonumber", "tostring", "type", "xpcall", "unpack",
)  # fmt: skip


class LuaError(Exception):
    """What a script raised."""


def run(version: str, script: str, obj: Mapping[str, Any], given: Mapping[str, str] | None = None) -> Any:
    """What a script returns for a resource, as JSON would have it; raises LuaError.

    `given` are the parameters of an action, which ArgoCD has since version 3.
    """
    lua = import_module(f"lupa.{version}")
    runtime = lua.LuaRuntime(unpack_returned_tuples=True, register_eval=False)
    # a text without its methods, as where the string library was never opened
    sandboxed = runtime.eval(
        "function(names, clock)\n"
        "  debug.setmetatable('', nil)\n"
        "  local env = {table = table}\n"
        "  for _, name in ipairs(names) do env[name] = _G[name] end\n"
        "  env.os = {time = clock.time, date = clock.date}\n"
        "  env.require = function(name) if name == 'os' then return env.os end error('no module ' .. name) end\n"
        "  return env\n"
        "end"
    )
    clock = runtime.table(time=time.time, date=lambda text: time.strftime(text.lstrip("!"), time.gmtime()))
    environment = sandboxed(runtime.table(*_BASE), clock)
    environment["obj"] = _to_lua(runtime, obj)
    if given is not None:
        environment["actionParams"] = _to_lua(runtime, given)
    load = runtime.eval(
        "function(text, env) if setfenv then return setfenv(assert(loadstring(text)), env) end "
        "return assert(load(text, 'script', 't', env)) end"
    )
    try:
        returned = load(script, environment)()
    except lua.LuaError as error:
        raise LuaError(str(error)) from error
    return _kept_maps(_from_lua(lua, returned), obj)


def _to_lua(runtime: Any, value: Any) -> Any:
    if isinstance(value, Mapping):
        return runtime.table(**{key: _to_lua(runtime, item) for key, item in value.items()})
    if isinstance(value, list):
        return runtime.table(*(_to_lua(runtime, item) for item in value))
    return value


def _from_lua(lua: Any, value: Any) -> Any:
    """A table that is empty is a list, since nobody can know."""
    if lua.lua_type(value) != "table":
        return value
    items = {key: _from_lua(lua, item) for key, item in value.items()}
    return list(items.values()) if all(isinstance(key, int) for key in items) else items


def _kept_maps(made: Any, given: Any) -> Any:
    """What was an empty map before is one again, as ArgoCD puts it right."""
    if isinstance(given, Mapping):
        if made == []:
            return dict(given)
        if isinstance(made, dict):
            return {key: _kept_maps(item, given[key]) if key in given else item for key, item in made.items()}
    if isinstance(made, list) and isinstance(given, list):
        return [_kept_maps(item, given[at]) if at < len(given) else item for at, item in enumerate(made)]
    return made
