package app

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/application"
	"paycorcred/paycor/fields"
)

const (
	importedID = "cred_00000000000000000000000001"
	anotherID  = "cred_00000000000000000000000002"
)

func TestParseImport(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []importRow
		err  error
	}{
		"CSV":                 {"\ufeffid,Name ,state,tags\r\nc1,\"A, \"\"B\"\"\",rejected,\"x, y\"\r\n", []importRow{{"id": "c1", "name": `A, "B"`, "tags": "x, y"}}, nil},
		"an exported formula": {"id,name\nc1,'=1+1\nc2,'quoted'\n", []importRow{{"id": "c1", "name": "=1+1"}, {"id": "c2", "name": "'quoted'"}}, nil},
		"JSON":                {`[{"id":"c1","tags":["x","y"],"legal_entity_id":501123,"owner":null}]`, []importRow{{"id": "c1", "tags": "x, y", "legal_entity_id": "501123"}}, nil},
		"a page of the API":   {`{"credentials":[{"id":"c1","name":"A"}],"total":1}`, []importRow{{"id": "c1", "name": "A"}}, nil},
		"new ones":            {"application_id,name,legal_entity_id\na1,A,5\n", []importRow{{"application_id": "a1", "name": "A", "legal_entity_id": "5"}}, nil},
		"nothing":             {"  ", nil, errImportUnreadable},
		"uneven lines":        {"id,name\nc1\n", nil, errImportUnreadable},
		"broken JSON":         {`[{"id":`, nil, errImportUnreadable},
		"no id":               {"name,tags\nA,x\n", nil, errImportColumns},
	} {
		rows, err := parseImport(test.text)
		assert.Equal(t, test.err, err, name)
		assert.Equal(t, test.want, rows, name)
	}
}

// newTestImport returns the table with the dialog of an import open, for a credential and
// its application.
func newTestImport(t *testing.T, text string) (*credentialsPage, *fakeService) {
	t.Helper()
	p, service, document := newTestTable()
	one := sample(importedID, "Alpha")
	one.Tags, one.ApplicationID = "bakery", "app1"
	service.page = paycor.CredentialPage{Credentials: []paycor.Credential{one}, Total: 1}
	service.applications = []application.Application{{ID: "app1", Environment: "sandbox", Grant: paycor.GrantClientCredentials, ClientID: "0123456789abcdef0123"}}
	imports := p.list.table.imports
	imports.ask()
	document.Values[imports.InputID(importText)] = text
	imports.submit()
	return p, service
}

func TestAnImportSaysFirstWhatItChanges(t *testing.T) {
	p, service := newTestImport(t, "id,application_id,name,tags,legal_entity_id\n"+
		importedID+",,Beta,\"bakery, west\",654321\n"+
		anotherID+",,Gone,,5\n"+
		",app1,New store,east,700001\n"+
		",app1,,,x\n"+
		importedID+",,Twice,,654321\n")
	imports := p.list.table.imports
	require.Len(t, imports.steps, 5)
	assert.Empty(t, service.patches, "a check changes nothing")
	assert.Empty(t, service.created)
	text := render(t, p).ID(t, "import-plan").Text()
	assert.Contains(t, text, say("import.counts", "2", "0", "3"))
	for _, want := range []string{say("import.unknown", anotherID), say("import.new"), say("import.twice", "1"), say("label.name") + ", " + say("label.tags")} {
		assert.Contains(t, text, want)
	}
	assert.Equal(t, []fields.Field{fields.Name, fields.Tags}, imports.steps[0].changed)

	imports.submit()
	require.Len(t, service.patches, 1)
	assert.Equal(t, paycor.Patch{Name: new("Beta"), Tags: new(paycor.Tags("bakery, west"))}, service.patches[0])
	require.Len(t, service.created, 1)
	assert.Equal(t, "app1", service.created[0].ApplicationID)
	assert.NotEmpty(t, service.created[0].IdempotencyKey)
	assert.Equal(t, "New store", service.drafts[0].Name)
	assert.Equal(t, say("bulk.done.import.other", "2"), render(t, p).ID(t, "bulk-text").Text())
	assert.False(t, imports.IsOpen())
}

func TestAnImportThatChangesNothing(t *testing.T) {
	p, service := newTestImport(t, "id,name\n"+importedID+",Alpha\n")
	text := render(t, p).ID(t, importID).Text()
	assert.Contains(t, text, say("import.counts", "0", "1", "0"))
	p.list.table.imports.submit()
	assert.Empty(t, service.patches)

	p, _ = newTestImport(t, "name\nAlpha\n")
	assert.Contains(t, render(t, p).ID(t, importID).Text(), say("import.columns"))
	p, _ = newTestImport(t, "")
	assert.Contains(t, render(t, p).ID(t, importID).Text(), say("import.unreadable"))
}

// An export is an import that changes nothing.
func TestAnExportIsAnImport(t *testing.T) {
	one := sample(importedID, "=Alpha")
	one.Description, one.Tags, one.Owner = "two\nlines", "bakery, west", "+1 555"
	rows, err := parseImport(exportText([]paycor.Credential{one}))
	require.NoError(t, err)
	p, _, _ := newTestTable()
	steps := p.plan(rows, importKnown{credentials: map[string]paycor.Credential{importedID: one}, environments: paycor.Environments()})
	require.Len(t, steps, 1)
	assert.Empty(t, steps[0].problem)
	assert.Empty(t, steps[0].changed)
}
