package sqlite

// UsedEnvironments counts credentials by their environments.
func (t *tx) UsedEnvironments() (map[string]int, error) {
	used := map[string]int{}
	err := t.rows(`SELECT environment, count(*) FROM credentials GROUP BY environment`, nil, func(scan func(...any) error) error {
		var name string
		var count int
		err := scan(&name, &count)
		used[name] = count
		return err
	})
	return used, err
}
