-- Approving can be offered while a plan waits, and names the plan.
local plan = (obj.status or {}).plan or {}
local waits = plan.digest ~= nil and plan.digest ~= ""
local actions = {}
actions["approve"] = {
  ["disabled"] = not waits,
  ["iconClass"] = "fa fa-fw fa-check",
  ["displayName"] = waits and "Approve " .. plan.digest or "Approve",
}
return actions
