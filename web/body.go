package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"paycorcred/paycor"
)

// maxBody is the maximum size of a body in bytes: three times the largest
// credential that paycor.Check accepts.
const maxBody = 64 << 10

// mergePatch is the media type of a PATCH body (RFC 7396).
const mergePatch = "application/merge-patch+json"

// bodyRule says whether a request may omit its body.
type bodyRule bool

const (
	bodyRequired bodyRule = false
	bodyOptional bodyRule = true // an empty body means {}
)

// readJSON decodes a request's body into the targets. Its errors contain no
// values, which may be secrets.
func readJSON(w http.ResponseWriter, r *http.Request, into targets, rule bodyRule) error {
	data, err := readBody(w, r)
	if err != nil {
		return err
	}
	if len(data) == 0 && rule == bodyOptional {
		return nil
	}
	media, err := mediaType(r)
	if err != nil {
		return err
	}
	return decode(data, into, media == mergePatch)
}

// readBody reads the whole body. The server's ReadTimeout bounds the time.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	tooLarge := deny(paycor.KindTooLarge, "error.body-too-large", maxBody)
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, tooLarge
	case err != nil:
		return nil, paycor.Errorf(paycor.KindMalformed, "error.body-truncated")
	}
	return data, nil
}

// mediaType returns the body's media type if it is supported.
func mediaType(r *http.Request) (string, error) {
	wrong := paycor.Errorf(paycor.KindMediaType, "error.body-media-type")
	media, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || len(r.Header.Values("Content-Type")) != 1 || r.Header.Get("Content-Encoding") != "" {
		return "", wrong
	}
	if charset, ok := parameters["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return "", wrong
	}
	if media != "application/json" && !(media == mergePatch && r.Method == http.MethodPatch) {
		return "", wrong
	}
	return media, nil
}
