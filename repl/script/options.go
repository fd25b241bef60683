package script

// Options configure how a script is parsed.
type Options struct {
	Name    string             // of the file, for errors and reports
	Command func(string) error // checks a line that begins with a slash; nil = such lines are not checked
	Kinds   []string           // kinds of dialect events, for < KIND EXPR; empty = there is no dialect
}
