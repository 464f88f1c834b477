package command

import (
	"io"
	"strings"
	"text/tabwriter"
)

// table prints rows with aligned columns under their titles.
type table struct{ to *tabwriter.Writer }

// newTable prints the titles. columns are the last parts of their keys.
func newTable(to io.Writer, columns ...string) table {
	t := table{tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)}
	titles := make([]string, len(columns))
	for i, column := range columns {
		titles[i] = say("cli.table." + column)
	}
	t.row(titles...)
	return t
}

// row adds a row. Errors are reported by flush.
func (t table) row(cells ...string) {
	_, _ = io.WriteString(t.to, strings.Join(cells, "\t")+"\n")
}

// flush prints the rows.
func (t table) flush() error { return t.to.Flush() }
