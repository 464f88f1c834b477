package web

import (
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// openAPI describes the API.
//
//go:embed openapi.yaml
var openAPI string

// description serves the description, with this server's version in it.
func (d *door) description(w http.ResponseWriter, _ *http.Request) error {
	text := openAPI
	if d.Version != "" {
		version, _ := json.Marshal(d.Version) // a JSON string is a YAML string
		text = strings.Replace(text, "version: development", "version: "+string(version), 1)
	}
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = io.WriteString(w, text)
	return nil
}
