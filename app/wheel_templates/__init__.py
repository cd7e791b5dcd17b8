"""Templates of the wellbeing wheel (välmåendehjulet): its words and scales, by version."""
