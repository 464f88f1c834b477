package sqlite

import (
	"slices"

	"paycorcred/paycor"
)

// maxDuplicates is the number of duplicates of one kind to return.
const maxDuplicates = 5

func (t credentialTx) Duplicates(workspace string, of paycor.Credential, only []string) ([]paycor.Duplicate, error) {
	var found []paycor.Duplicate
	// Without INDEXED BY, SQLite would read the whole workspace in order of id.
	search := func(kind paycor.DuplicateKind, index, where string, arguments ...any) error {
		query := `SELECT id, name FROM credentials INDEXED BY ` + index + ` WHERE workspace = ?1 AND id <> ?2
			AND (?3 IS NULL OR id IN (SELECT value FROM json_each(?3))) AND ` + where + ` ORDER BY id LIMIT ?4`
		common := []any{workspace, of.ID, jsonList(only), maxDuplicates}
		return t.rows(query, slices.Concat(common, arguments), func(scan scanFunc) error {
			var id, name string
			err := scan(&id, &name)
			found = append(found, paycor.NewDuplicate(id, name, kind))
			return err
		})
	}
	if of.ClientID != "" && of.LegalEntityID != 0 && of.Environment != "" {
		err := search(paycor.DuplicateValues, `credentials_values`, `client_id = ?5 AND legal_entity_id = ?6 AND environment = ?7`, of.ClientID, of.LegalEntityID, of.Environment)
		if err != nil {
			return nil, err
		}
	}
	if of.Name != "" {
		if err := search(paycor.DuplicateName, `credentials_name`, `name_key = ?5`, foldCase(of.Name)); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (t credentialTx) UsedEnvironments() (map[string]int, error) {
	used := map[string]int{}
	err := t.rows(`SELECT environment, count(*) FROM credentials GROUP BY environment`, nil, func(scan scanFunc) error {
		var name string
		var count int
		err := scan(&name, &count)
		used[name] = count
		return err
	})
	return used, err
}
