-- Try again now what failed or was stopped: any new value of the annotation asks for it.
local os = require("os")
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["tradai.io/retry"] = os.date("!%Y-%m-%dT%XZ")
return obj
