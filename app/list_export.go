package app

import (
	"encoding/csv"
	"math"
	"strconv"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
)

// renderExport renders the button that saves the list as a file.
func (t *listTable) renderExport() goapp.UI {
	label := t.page.say("list.export")
	if t.exporting {
		label = t.page.say("list.exporting")
	}
	return dom.Button("quiet", "export", label, dom.Flag("disabled", t.exporting), dom.Click("export", t.export))
}

// export saves all credentials that the list finds, on all pages, as CSV.
func (t *listTable) export() {
	if t.exporting {
		return
	}
	t.exporting = true
	t.page.setStatus("", nil)
	t.readAll(math.MaxInt, func(all []paycor.Credential, err error) {
		t.exporting = false
		if err != nil {
			t.page.showError(errorAtTop, t.page.say("list.export-failed", t.page.errorText(err)))
			return
		}
		t.page.document.Download("credentials.csv", "text/csv;charset=utf-8", exportText(all))
		t.page.setStatus(t.page.count(len(all), "list.exported"), nil)
	})
}

// exportColumns are the columns of an export, by their names in the API.
var exportColumns = []string{
	"id", "application_id", "name", "description", "state", "environment", "client_id", "legal_entity_id", "legal_entity_name", "tags", "owner",
	"last_used_at", "checked_at", "verified_at", "rotate_by", "restricted", "created_at",
}

// exportText returns credentials as CSV, without secrets, which the page does not have. It
// starts with a byte order mark, without which spreadsheets take UTF-8 for another encoding.
func exportText(credentials []paycor.Credential) string {
	var text strings.Builder
	text.WriteString("\ufeff")
	w := csv.NewWriter(&text)
	w.UseCRLF = true
	_ = w.Write(exportColumns) // to memory
	for _, c := range credentials {
		checked := time.Time{}
		if c.Verdict != nil {
			checked = c.Verdict.CheckedAt
		}
		cells := []string{
			c.ID, c.ApplicationID, c.Name, c.Description, string(c.State), c.Environment, c.ClientID, strconv.Itoa(int(c.LegalEntityID)), c.LegalEntityName, string(c.Tags), c.Owner,
			exportTime(c.LastUsedAt), exportTime(checked), exportTime(c.VerifiedAt), string(c.RotateBy), strconv.FormatBool(c.Sharing != nil), exportTime(c.CreatedAt),
		}
		for i, cell := range cells {
			cells[i] = withoutFormula(cell)
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return text.String()
}

// withoutFormula puts an apostrophe before a cell that a spreadsheet would take for a
// formula, which could send what is in other cells elsewhere.
func withoutFormula(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// exportTime writes a time in UTC, and nothing for none.
func exportTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}
