"""Exchange (utbyte): what each kind of record looks like as one line of a file, in and out."""
