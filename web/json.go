package web

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// writeJSON writes a value as the response body, with its messages in the
// language of the response.
func writeJSON(w http.ResponseWriter, status int, value any) error {
	body, err := json.Marshal(localized(value, languageOf(w)))
	if err != nil {
		return fmt.Errorf("encoding the response: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // an error means that the client disconnected
	return nil
}

// etagged is a resource with a version.
type etagged interface{ ETag() string }

// writeVersioned writes a resource with its ETag.
func writeVersioned(w http.ResponseWriter, status int, version etagged, value any) error {
	w.Header().Set("ETag", version.ETag())
	return writeJSON(w, status, value)
}

func writeNoContent(w http.ResponseWriter) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}
