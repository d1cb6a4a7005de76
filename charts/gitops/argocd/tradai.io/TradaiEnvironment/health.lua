-- The health of a TradaiEnvironment. Its operator keeps the three conditions of kstatus: Ready, Reconciling, Stalled.
-- Suspended is what waits for a person's word or for its hour: nothing is wrong, and nothing has to be mended.
local paused = {WaitingForApproval = true, WaitingForWindow = true, Suspended = true}

local conditions = {}
local status = obj.status or {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function is(kind, value)
  return conditions[kind] ~= nil and conditions[kind].status == value
end

local hs = {status = "Progressing", message = status.message}

if conditions["Ready"] == nil then
  hs.message = "waits for the operator of TradAI environments to take it up"
  return hs
end

-- What is reported is of an older spec: it says nothing of this one yet.
if obj.metadata.generation ~= nil and status.observedGeneration ~= obj.metadata.generation then
  hs.message = "the operator has not taken up this change yet"
  return hs
end

if is("Stalled", "True") then
  hs.status = "Degraded"
elseif paused[status.phase] then
  hs.status = "Suspended"
elseif is("Ready", "True") then
  hs.status = "Healthy"
  -- Healthy is true of what was declared; what people should look at all the same is told with it.
  for _, row in ipairs({
    {"ApprovalRequired", "True"}, {"Drifted", "True"}, {"UpdateAvailable", "True"}, {"GuardsKept", "False"},
  }) do
    if is(row[1], row[2]) then
      hs.message = (hs.message or "ready") .. "; " .. row[1] .. ": " .. (conditions[row[1]].message or "")
    end
  end
end

return hs
