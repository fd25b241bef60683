package main

// terminalDevice is the console, whatever the standard streams are.
const terminalDevice = "CON"
