-- Approves the plan that is shown, once. ArgoCD's server patches as its own account, so that this account is the author
-- that the API server checks: it has to be among the approvers. Which person ran the action is in ArgoCD's event
-- about the Application.
local account = "system:serviceaccount:argocd:argocd-server"

local plan = (obj.status or {}).plan or {}
if plan.digest == nil or plan.digest == "" then
  error("no plan of " .. obj.metadata.name .. " waits for approval", 0)
end
-- ArgoCD 3 hands on what the caller gives: whoever names the plan that they have seen approves that one or none.
local seen = (actionParams or {})["plan"]
if seen ~= nil and seen ~= plan.digest then
  error("another plan waits by now: " .. plan.digest, 0)
end
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["tradai.io/approve"] = plan.digest
obj.metadata.annotations["tradai.io/approved-by"] = account
return obj
