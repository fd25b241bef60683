package main

// terminalDevice is the console, wherever the standard streams lead.
const terminalDevice = "CON"
