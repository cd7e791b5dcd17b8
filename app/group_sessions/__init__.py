"""Sessions (träffar) of contact groups: planned, held, cancelled; never without a leader (R11.2)."""
