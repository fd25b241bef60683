package report

import (
	"encoding/json"
	"io"
	"slices"

	"wsx/check"
)

// SARIF writes the failures and warnings of a report as SARIF 2.1.0, a format that many code-analysis tools read.
func SARIF(w io.Writer, r *check.Report, url, version string) error {
	driver := sarifDriver{Name: "wsx check", Version: version}
	results := []sarifResult{}
	for _, f := range r.Findings {
		if f.Verdict != check.Fail && f.Verdict != check.Warn {
			continue
		}
		driver.Rules = append(driver.Rules, sarifRule{
			ID: f.ID, Short: sarifText{f.Title}, Full: sarifText{f.Clause + ": " + f.Title}, Help: sarifText{"Sent: " + f.Sent + ". Expected: " + f.Expected + "."},
			Properties: map[string]any{"tags": []string{string(f.Severity), f.Group()}},
		})
		result := sarifResult{
			Rule: f.ID, Index: len(driver.Rules) - 1, Level: level(f), Message: sarifText{f.Title + " Expected " + f.Expected + ", received " + f.Received + ". Repeat: " + f.RepeatCommand},
			Locations: []sarifLocation{{Logical: []sarifName{{Name: url, Kind: "resource"}}}}, Prints: map[string]string{"check/v1": f.ID},
		}
		if f.Known {
			result.Suppressions = []sarifSuppression{{Kind: "external", Justification: "known from the baseline"}}
		}
		results = append(results, result)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(sarifLog{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0",
		Runs: []sarifRun{{
			Tool: sarifTool{driver}, Results: results,
			Invocations: []sarifInvocation{{Successful: r.Down == "" && r.Stopped == nil}},
		}},
	})
}

// level returns the SARIF level of a finding.
func level(f check.Finding) string {
	switch {
	case f.Verdict == check.Warn:
		return "note"
	case slices.Contains([]check.Severity{check.Must, check.Security}, f.Severity):
		return "error"
	case f.Severity == check.Should:
		return "warning"
	}
	return "note"
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	Results     []sarifResult     `json:"results"`
}

type sarifInvocation struct {
	Successful bool `json:"executionSuccessful"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules,omitempty"`
}

type sarifRule struct {
	ID         string         `json:"id"`
	Short      sarifText      `json:"shortDescription"`
	Full       sarifText      `json:"fullDescription"`
	Help       sarifText      `json:"help"`
	Properties map[string]any `json:"properties"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	Rule         string             `json:"ruleId"`
	Index        int                `json:"ruleIndex"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations"`
	Prints       map[string]string  `json:"partialFingerprints"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
}

type sarifLocation struct {
	Logical []sarifName `json:"logicalLocations"`
}

type sarifName struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Justification string `json:"justification"`
}
