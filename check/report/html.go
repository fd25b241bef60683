package report

import (
	_ "embed"
	"html/template"
	"io"

	"wsx/check"
)

//go:embed page.html
var page string

// HTML writes a report as a self-contained page. clean makes text of the server safe to show.
func HTML(w io.Writer, r *check.Report, url string, clean func(string) string) error {
	t, err := template.New("page").Parse(page)
	if err != nil {
		return err
	}
	data := pageData{URL: url, Sum: Sum(r), Facts: Facts(r.Server), Verdicts: check.Verdicts(), Findings: notable(r.Findings)}
	for i := range data.Findings {
		data.Findings[i].Received = clean(data.Findings[i].Received)
	}
	var checks []check.Check
	for _, f := range r.Findings {
		checks = append(checks, f.Check)
	}
	for _, name := range check.Groups(checks) {
		g := pageGroup{Name: name}
		for _, v := range check.Verdicts() {
			g.Counts = append(g.Counts, pageCount{v, check.CountFunc(r.Findings, func(f check.Finding) bool { return f.Group() == name && f.Verdict == v })})
		}
		data.Groups = append(data.Groups, g)
	}
	return t.Execute(w, data)
}

type pageData struct {
	URL, Sum, Facts string
	Verdicts        []check.Verdict
	Groups          []pageGroup
	Findings        []check.Finding
}

type pageGroup struct {
	Name   string
	Counts []pageCount
}

type pageCount struct {
	Verdict check.Verdict
	N       int
}
