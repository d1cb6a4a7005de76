"""A system that the trees do not know: ships come to a quay, which is a stream. Must never import but `tradai_iac`."""
