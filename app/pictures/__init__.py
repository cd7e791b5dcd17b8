"""Pictures of the wellbeing wheel (välmåendehjulet) as SVG: what was said, drawn, and never a verdict (R6.3)."""
