"""What makes a familjecentral, a familjecentralsliknande verksamhet and a way of working for 0–18 what they are."""
