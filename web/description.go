package web

import (
	_ "embed"
	"io"
	"net/http"
)

// openAPI describes the API.
//
//go:embed openapi.yaml
var openAPI string

func (d *door) description(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = io.WriteString(w, openAPI)
	return nil
}
