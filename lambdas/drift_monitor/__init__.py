"""drift-monitor: says how far what a model sees and says has moved from what it was trained on (002 §7)."""
