package sqlite

import (
	"slices"

	"paycorcred/paycor"
)

// maxDuplicates is how many are told of: one more says nothing new.
const maxDuplicates = 5

// Duplicates finds credentials that are the same in some way.
func (t *tx) Duplicates(workspace string, of paycor.Credential, only []string) ([]paycor.Duplicate, error) {
	var found []paycor.Duplicate
	// INDEXED BY, because the order by id would make the engine read the whole
	// workspace; it fails where the index cannot be used.
	look := func(kind paycor.DuplicateKind, index, where string, arguments ...any) error {
		query := `SELECT id, name FROM credentials INDEXED BY ` + index + ` WHERE workspace = ?1 AND id <> ?2
			AND (?3 IS NULL OR id IN (SELECT value FROM json_each(?3))) AND ` + where + ` ORDER BY id LIMIT ?4`
		fixed := []any{workspace, of.ID, jsonList(only), maxDuplicates}
		return t.rows(query, slices.Concat(fixed, arguments), func(scan func(...any) error) error {
			var id, name string
			err := scan(&id, &name)
			found = append(found, paycor.NewDuplicate(id, name, kind))
			return err
		})
	}
	if of.ClientID != "" && of.LegalEntityID != 0 && of.Environment != "" {
		err := look(paycor.DuplicateValues, `credentials_values`, `client_id = ?5 AND legal_entity_id = ?6 AND environment = ?7`, of.ClientID, of.LegalEntityID, of.Environment)
		if err != nil {
			return nil, err
		}
	}
	if of.Name != "" {
		if err := look(paycor.DuplicateName, `credentials_name`, `name_key = ?5`, foldCase(of.Name)); err != nil {
			return nil, err
		}
	}
	return found, nil
}
