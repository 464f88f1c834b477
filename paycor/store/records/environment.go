package records

import (
	"time"

	"paycorcred/paycor/store"
)

// environmentTx reads and writes the addresses of environments.
type environmentTx struct{ *Transaction }

func (t environmentTx) EnvironmentAddresses() (map[string]store.EnvironmentAddress, error) {
	found := map[string]store.EnvironmentAddress{}
	err := t.Rows(`SELECT name, api_url, authorize_url, confirmed_at FROM environment_addresses`, nil, func(scan Scan) error {
		var a store.EnvironmentAddress
		var at Timestamp
		err := scan(&a.Name, &a.APIURL, &a.AuthorizeURL, &at)
		a.ConfirmedAt = time.Time(at)
		found[a.Name] = a
		return err
	})
	return found, err
}

func (t environmentTx) PutEnvironmentAddress(a store.EnvironmentAddress) error {
	return t.Queue(`INSERT INTO environment_addresses (name, api_url, authorize_url, confirmed_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET api_url = excluded.api_url, authorize_url = excluded.authorize_url, confirmed_at = excluded.confirmed_at`,
		a.Name, a.APIURL, a.AuthorizeURL, Timestamp(a.ConfirmedAt))
}
