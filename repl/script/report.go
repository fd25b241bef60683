package script

import (
	"fmt"
	"io"
)

// Report is a machine-readable format of the results of a run.
type Report struct {
	Name  string
	write func(io.Writer, []checkpoint, string) error
}

// Reports returns the formats, for flags, completion and help.
func Reports() []Report {
	return []Report{
		{"tap", writeTAP},
		{"junit", writeJUnit},
	}
}

// Report writes the results of a run after Finish, one test for each step, in the format with this name.
func (r *Run) Report(w io.Writer, name string) error {
	for _, report := range Reports() {
		if report.Name == name {
			return report.write(w, r.ended.points(), r.script.name)
		}
	}
	return fmt.Errorf("unknown report %q", name)
}

// points returns the tests of a run, those that were not reached as well.
func (p *progress) points() []checkpoint {
	list := make([]checkpoint, 1+len(p.run.script.steps))
	list[0].name = "connect"
	for i, step := range p.run.script.steps {
		list[i+1].number = step.number
		list[i+1].name = fmt.Sprintf("line %d: %s", step.number, clean(shorten(step.line)))
	}
	for i, result := range p.results {
		list[i].state, list[i].took = result.state, result.took
		if result.err != nil {
			list[i].explain(result.err)
		}
	}
	return list
}
