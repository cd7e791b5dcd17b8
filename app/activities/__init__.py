"""Activities (aktiviteter): theme evenings, meetings for parents, movement, training."""
