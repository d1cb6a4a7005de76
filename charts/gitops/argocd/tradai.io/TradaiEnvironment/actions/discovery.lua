-- Which words can be said to an environment now. ArgoCD shows the others greyed out.
local status = obj.status or {}
local suspended = obj.spec.suspend == true
local deleting = obj.metadata.deletionTimestamp ~= nil

local failed = false
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Stalled" and condition.status == "True" then
    failed = true
  end
end
for _, layer in ipairs(status.layers or {}) do
  if layer.failure ~= nil or layer.state == "Cancelled" then
    failed = true
  end
end

local actions = {}
actions["reconcile"] = {["disabled"] = suspended or deleting, ["iconClass"] = "fa fa-fw fa-sync"}
actions["retry"] = {["disabled"] = not failed, ["iconClass"] = "fa fa-fw fa-redo"}
actions["suspend"] = {["disabled"] = suspended or deleting, ["iconClass"] = "fa fa-fw fa-pause"}
actions["resume"] = {["disabled"] = not suspended, ["iconClass"] = "fa fa-fw fa-play"}
return actions
