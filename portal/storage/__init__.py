"""Where things are kept: the engine and its transactions, the embedded server, sealed fields, uploaded files, search."""
