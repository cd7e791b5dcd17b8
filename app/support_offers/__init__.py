"""The support catalogue (stödutbud): what there is, for whom, and how to get it."""
