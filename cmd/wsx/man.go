package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wsx/repl"
)

// manCommand returns the command that prints the manual page, made from the same declarations as --help.
func manCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "man",
		Short: "print the manual page",
		Args:  maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), manual(root))
			return err
		},
	}
}

// manual returns the manual page in the format of man(7).
func manual(root *cobra.Command) string {
	m := &page{}
	fmt.Fprintf(&m.text, ".TH \"WSX\" \"1\" \"\" \"wsx %s\" \"User commands\"\n.nh\n", roff(version()))
	m.section("NAME")
	m.paragraph("wsx - " + strings.ToLower(root.Short[:1]) + root.Short[1:])
	m.section("SYNOPSIS")
	m.paragraph(root.Use)
	for _, sub := range listedCommands(root) {
		m.paragraph("wsx " + sub.Use)
	}
	m.section("DESCRIPTION")
	m.paragraph(root.Long)
	m.section("OPTIONS")
	for _, part := range sections() {
		m.subsection(part.title)
		m.flags(part.set())
	}
	m.section("COMMANDS")
	for _, sub := range listedCommands(root) {
		m.command(sub)
	}
	m.section("KEYS")
	m.paragraph("At a terminal, the prompt has these keys:")
	m.items(repl.Keys())
	m.section("COMMANDS AT THE PROMPT")
	m.paragraph("A line that begins with a slash is a command; //word sends /word. With --as, the verbs of the protocol are commands as well.")
	m.items(repl.Commands())
	m.section("FILES")
	m.items(manualFiles())
	m.section("ENVIRONMENT")
	m.items(manualVariables())
	m.section("EXIT STATUS")
	m.items(exitCodes())
	m.section("EXAMPLES")
	m.literal(root.Example)
	m.section("SEE ALSO")
	m.paragraph("curl(1), websocat(1), socat(1), jq(1), RFC 6455, RFC 7692")
	return m.text.String()
}

// page is a manual page that is being written.
type page struct{ text strings.Builder }

func (m *page) section(title string) { fmt.Fprintf(&m.text, ".SH \"%s\"\n", roff(title)) }

func (m *page) subsection(title string) { fmt.Fprintf(&m.text, ".SS \"%s\"\n", roff(title)) }

func (m *page) items(rows [][2]string) {
	for _, row := range rows {
		m.item(row[0], row[1])
	}
}

func (m *page) paragraph(text string) { fmt.Fprintf(&m.text, ".PP\n%s\n", roff(text)) }

func (m *page) item(name, text string) {
	fmt.Fprintf(&m.text, ".TP\n\\fB%s\\fR\n%s\n", roff(name), roff(text))
}

// prose writes paragraphs; those with an indented line are written verbatim.
func (m *page) prose(text string) {
	for block := range strings.SplitSeq(text, "\n\n") {
		if strings.HasPrefix(block, " ") || strings.Contains(block, "\n ") {
			m.literal(block)
		} else {
			m.paragraph(block)
		}
	}
}

func (m *page) literal(text string) { fmt.Fprintf(&m.text, ".PP\n.nf\n%s\n.fi\n", roff(text)) }

// flags writes the flags of a set, each with its usage.
func (m *page) flags(set *pflag.FlagSet) {
	set.VisitAll(func(flag *pflag.Flag) {
		value, usage := pflag.UnquoteUsage(flag)
		if flag.DefValue != "" && flag.DefValue != "[]" && flag.DefValue != "0" && flag.DefValue != "false" {
			usage += " (default " + flag.DefValue + ")"
		}
		m.item(strings.TrimSpace(spellings(flag)+" "+value), usage)
	})
}

// command writes a subcommand, with the flags that differ from those of the root.
func (m *page) command(sub *cobra.Command) {
	m.subsection("wsx " + sub.Use)
	text := sub.Short
	if sub.Long != "" {
		text = sub.Long
	}
	m.prose(text)
	own := pflag.NewFlagSet(sub.Name(), pflag.ContinueOnError)
	own.SortFlags = false
	sub.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		if declared := sub.Root().Flags().Lookup(flag.Name); declared == nil || declared.Usage != flag.Usage {
			own.AddFlag(flag)
		}
	})
	m.flags(own)
}

// roff escapes backslashes, hyphens, and a dot or quote at the beginning of a line, which have a meaning in man(7).
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
