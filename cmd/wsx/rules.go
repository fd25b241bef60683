package main

import (
	"fmt"

	"wsx/client"
	"wsx/repl"
)

// rules returns the rules of --on, --on-jq and --every.
func (f *flags) rules() (r repl.Rules, err error) {
	for _, text := range f.on {
		rule, err := repl.NewRule(text)
		if err != nil {
			return r, fmt.Errorf("--on %w", err)
		}
		r.On = append(r.On, rule)
	}
	for _, text := range f.onJQ {
		rule, err := repl.NewQueryRule(text)
		if err != nil {
			return r, fmt.Errorf("--on-jq: %w", err)
		}
		r.On = append(r.On, rule)
	}
	for _, text := range f.every {
		timer, err := repl.NewTimer(text)
		if err != nil {
			return r, fmt.Errorf("--every %w", err)
		}
		r.Every = append(r.Every, timer)
	}
	if f.binary {
		r.Type = client.Binary
	}
	if len(f.on)+len(f.onJQ)+len(f.every) > 0 {
		r.Encode, err = f.encoder() // a separate encoder, since encoders have state
	}
	return r, err
}
