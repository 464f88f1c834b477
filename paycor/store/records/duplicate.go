package records

import (
	"slices"

	"paycorcred/paycor"
)

// maxDuplicates is the number of duplicates of one kind to return.
const maxDuplicates = 5

// Without INDEXED BY, SQLite would read the whole workspace in order of id.
const (
	sameValues = `applications a INDEXED BY applications_values
		CROSS JOIN credentials c INDEXED BY credentials_of_application ON c.workspace = ?1 AND c.application = a.id AND c.legal_entity_id = ?6
		WHERE a.workspace = ?1 AND a.client_id = ?5 AND a.environment = ?7`
	sameName = `search_documents d INDEXED BY search_documents_name CROSS JOIN credentials c ON c.workspace = ?1 AND c.id = d.credential
		WHERE d.workspace = ?1 AND d.restricted IN (0, 1) AND d.name_key = ?5`
)

func (t credentialTx) Duplicates(workspace string, of paycor.Credential, only []string) ([]paycor.Duplicate, error) {
	var found []paycor.Duplicate
	search := func(kind paycor.DuplicateKind, where string, arguments ...any) error {
		query := `SELECT c.id, c.name FROM ` + where + ` AND c.id <> ?2
			AND (?3 IS NULL OR c.id IN (SELECT value FROM json_each(?3))) ORDER BY c.id LIMIT ?4`
		common := []any{workspace, of.ID, jsonList(only), maxDuplicates}
		return t.Rows(query, slices.Concat(common, arguments), func(scan Scan) error {
			var id, name string
			err := scan(&id, &name)
			found = append(found, paycor.NewDuplicate(id, name, kind))
			return err
		})
	}
	if of.ClientID != "" && of.LegalEntityID != 0 && of.Environment != "" {
		if err := search(paycor.DuplicateValues, sameValues, of.ClientID, of.LegalEntityID, of.Environment); err != nil {
			return nil, err
		}
	}
	if of.Name != "" {
		if err := search(paycor.DuplicateName, sameName, paycor.NameKey(of.Name)); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (t credentialTx) UsedEnvironments() (map[string]int, error) {
	used := map[string]int{}
	err := t.Rows(`SELECT a.environment, count(*) FROM credentials c`+WithApplication+`GROUP BY a.environment`, nil, func(scan Scan) error {
		var name string
		var count int
		err := scan(&name, &count)
		used[name] = count
		return err
	})
	return used, err
}
