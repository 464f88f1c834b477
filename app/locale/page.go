//go:build !js

package locale

import "encoding/json"

// PageJSON returns the sentences of the page in the form that Parse reads. It is
// complete: what the catalogue lacks is in English.
func (c *Catalogue) PageJSON() ([]byte, error) {
	sentences := map[string]string{}
	for key, format := range English.sentences {
		if serverOnly.Has(key) {
			continue
		}
		if own, ok := c.sentences[key]; ok {
			format = own
		}
		sentences[key] = format
	}
	return json.Marshal(sentences)
}
