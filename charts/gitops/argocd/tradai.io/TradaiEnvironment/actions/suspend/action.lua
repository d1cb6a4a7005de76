-- Nothing new begins until somebody resumes it; what runs goes on.
obj.spec.suspend = true
return obj
