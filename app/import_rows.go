package app

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/application"
	"paycorcred/paycor/fields"
)

// importColumns are the columns that an import takes, by their names in the API. It
// ignores others, so that an export can be changed and imported.
var importColumns = []string{"id", "application_id", "name", "description", "tags", "owner", "legal_entity_id"}

// Errors of a text that is no import.
var (
	errImportUnreadable = errors.New("neither CSV nor JSON")
	errImportColumns    = errors.New("no column says which credential a row is about")
)

// importRow has the values of a row by column. A column that is absent changes nothing.
type importRow map[string]string

// parseImport reads the rows of CSV with a head, or of a JSON list of objects.
func parseImport(text string) ([]importRow, error) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	read := csvRows
	if strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{") {
		read = jsonRows
	}
	rows, err := read(text)
	if err != nil {
		return nil, errImportUnreadable
	}
	if !slices.ContainsFunc(rows, func(row importRow) bool { return row["id"] != "" || row["application_id"] != "" }) {
		return nil, errImportColumns
	}
	return rows, nil
}

func csvRows(text string) ([]importRow, error) {
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll() // each with as many cells as the head
	if err != nil || len(lines) == 0 {
		return nil, errors.Join(err, errImportUnreadable)
	}
	var rows []importRow
	for _, line := range lines[1:] {
		row := importRow{}
		for i, cell := range line {
			if column := strings.ToLower(strings.TrimSpace(lines[0][i])); slices.Contains(importColumns, column) {
				row[column] = withFormula(cell)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// withFormula removes the apostrophe that an export put before a cell.
func withFormula(cell string) string {
	if rest, quoted := strings.CutPrefix(cell, "'"); quoted && withoutFormula(rest) == cell {
		return rest
	}
	return cell
}

// jsonRows reads a list of objects, or a page of the API that has one.
func jsonRows(text string) ([]importRow, error) {
	var objects []map[string]any
	if strings.HasPrefix(text, "{") {
		var page struct{ Credentials []map[string]any }
		if err := json.Unmarshal([]byte(text), &page); err != nil {
			return nil, err
		}
		objects = page.Credentials
	} else if err := json.Unmarshal([]byte(text), &objects); err != nil {
		return nil, err
	}
	var rows []importRow
	for _, object := range objects {
		row := importRow{}
		for _, column := range importColumns {
			switch value := object[column].(type) {
			case string:
				row[column] = value
			case float64:
				row[column] = strconv.FormatFloat(value, 'f', -1, 64)
			case []any:
				texts := make([]string, len(value))
				for i, item := range value {
					texts[i], _ = item.(string)
				}
				row[column] = strings.Join(texts, ", ")
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// importStep is what an import does with a row.
type importStep struct {
	number int // of the row, from 1

	credential  paycor.Credential // before; without an ID if it is new
	application string            // of a new one
	draft       paycor.Draft      // afterwards
	changed     []fields.Field    // of an existing one; none means that it stays
	problem     string            // why nothing can be done; empty if something can
}

// isNew reports whether the row adds a credential.
func (s importStep) isNew() bool { return s.credential.ID == "" }

// acts reports whether the step changes anything.
func (s importStep) acts() bool { return s.problem == "" && (s.isNew() || len(s.changed) > 0) }

// importFields are the fields of the columns that set one.
var importFields = map[string]fields.Field{
	"name": fields.Name, "description": fields.Description, "tags": fields.Tags, "owner": fields.Owner, "legal_entity_id": fields.LegalEntityID,
}

// set sets the values of a row in a draft.
func (r importRow) set(draft *paycor.Draft) {
	for _, spec := range paycor.FieldTable() {
		for column, field := range importFields {
			if value, given := r[column]; given && field == spec.Field {
				spec.Set(draft, value)
			}
		}
	}
}

// importKnown is what the rows of an import are about.
type importKnown struct {
	credentials  map[string]paycor.Credential
	applications map[string]application.Application
	environments []paycor.Environment
}

// plan says what an import does with each row.
func (w words) plan(rows []importRow, known importKnown) []importStep {
	steps, before := make([]importStep, len(rows)), map[string]int{}
	for i, row := range rows {
		steps[i] = w.planRow(row, known)
		steps[i].number = i + 1
		if first := before[row["id"]]; row["id"] != "" && first > 0 {
			steps[i].problem = w.say("import.twice", w.number(first))
		} else {
			before[row["id"]] = i + 1
		}
	}
	return steps
}

func (w words) planRow(row importRow, known importKnown) (step importStep) {
	rules := paycor.Rules{Environments: known.environments, Stored: applicationSecrets}
	if id := row["id"]; id != "" {
		credential, there := known.credentials[id]
		if !there {
			step.problem = w.say("import.unknown", id)
			step.credential.ID, step.credential.Name = id, row["name"]
			return step
		}
		before := credential.Draft()
		step.credential, step.draft, rules.StoredEnvironment = credential, before, credential.Environment
		row.set(&step.draft)
		step.draft = step.draft.Clean()
		step.changed = step.draft.PatchFrom(before.Clean()).Fields()
	} else {
		used, there := known.applications[row["application_id"]]
		step.application = row["application_id"]
		if !there {
			step.problem = w.say("import.no-application")
		}
		step.draft = paycor.Draft{Environment: used.Environment, Grant: used.Grant, ClientID: used.ClientID, Scope: used.Scope}
		row.set(&step.draft)
		step.draft = step.draft.Clean()
		step.credential.Name = step.draft.Name
	}
	if report := paycor.Check(step.draft, rules); step.problem == "" && len(report.Problems) > 0 && (step.isNew() || len(step.changed) > 0) {
		step.problem = w.fieldLabel(report.Problems[0].Field) + ": " + w.sentence(report.Problems[0].Message)
	}
	return step
}
