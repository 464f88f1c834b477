package records

import (
	"strings"

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
		WHERE d.workspace = ?1 AND d.restricted IN (0, 1) AND d.name_key = ?8`
)

// Duplicates asks for both kinds in one statement, which is one round trip to the database.
func (t credentialTx) Duplicates(workspace string, of paycor.Credential, only []string) (found []paycor.Duplicate, err error) {
	var kinds []string
	search := func(kind paycor.DuplicateKind, where string) {
		kinds = append(kinds, `SELECT * FROM (SELECT '`+string(kind)+`' AS kind, c.id AS id, c.name AS name FROM `+where+` AND c.id <> ?2
			AND (?3 IS NULL OR c.id IN (SELECT value FROM json_each(?3))) ORDER BY c.id LIMIT ?4) d`)
	}
	if of.ClientID != "" && of.LegalEntityID != 0 && of.Environment != "" {
		search(paycor.DuplicateValues, sameValues)
	}
	if of.Name != "" {
		search(paycor.DuplicateName, sameName)
	}
	if len(kinds) == 0 {
		return nil, nil
	}
	query := strings.Join(kinds, ` UNION ALL `) + ` ORDER BY kind DESC, id`
	arguments := []any{workspace, of.ID, jsonList(only), maxDuplicates, of.ClientID, of.LegalEntityID, of.Environment, paycor.NameKey(of.Name)}
	err = t.Rows(query, arguments, func(scan Scan) error {
		var kind, id, name string
		err := scan(&kind, &id, &name)
		found = append(found, paycor.NewDuplicate(id, name, paycor.DuplicateKind(kind)))
		return err
	})
	return found, err
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
