package upstream

import (
	"net/http"
	"strings"

	"paycorcred/paycor/redact"
)

// Shape is the format of an error's body, which tells who wrote it.
type Shape string

// The shapes, in the order they are tried.
const (
	ShapeEmpty   Shape = "empty"
	ShapeHTML    Shape = "html"
	ShapeOAuth   Shape = "oauth"   // RFC 6749: {"error","error_description"}
	ShapePaycor  Shape = "paycor"  // {"correlationId","title","detail","source"}
	ShapeProblem Shape = "problem" // RFC 9457: {"type","title","status","detail"}
	ShapeGateway Shape = "gateway" // {"statusCode","message"}
	ShapeJSON    Shape = "json"    // other JSON
	ShapeText    Shape = "text"
)

// ErrorText is the text of an error's body, unredacted: it may echo secrets. Use it to
// decide, never to show.
type ErrorText struct {
	Shape Shape
	Code  string // RFC 6749 error code, if any
	Text  string // the whole text

	shown         string // the part to show after redaction
	correlationID string
}

// readErrorText reads the body of an error. It never fails: an unknown format is
// text.
func readErrorText(answer Answer) ErrorText {
	body := trimBody(answer.Body)
	html := strings.Contains(strings.ToLower(answer.Header.Get("Content-Type")), "html")
	object, isObject := parseObject(body)
	switch {
	case len(body) == 0:
		return ErrorText{Shape: ShapeEmpty}
	case isObject:
		return object.errorText(answer.Header)
	case isHTML(body) || html && body[0] == '<':
		return ErrorText{Shape: ShapeHTML}
	case checkJSON(body) == "":
		text := strings.Join(texts(body, 4), " ")
		return ErrorText{Shape: ShapeJSON, Text: text}
	}
	return ErrorText{Shape: ShapeText, Text: string(body), shown: string(body)}
}

// errorText determines from the names in the object who wrote it.
func (o Object) errorText(header http.Header) ErrorText {
	w := ErrorText{
		Shape:         ShapeJSON,
		correlationID: o.Text("correlationid", "activityid", "traceid", "requestid"),
		shown:         joinText(o.Text("title"), o.Text("detail", "message", "errormessage", "description", "reason")),
	}
	problem := strings.Contains(strings.ToLower(header.Get("Content-Type")), "problem+json")
	switch code := o.Text("error"); {
	case code != "":
		w.Shape, w.Code = ShapeOAuth, code
		w.shown = joinText(code, o.Text("errordescription", "message", "detail"))
	case o.Has("title", "detail") && (problem || o.Has("type", "status", "traceid")):
		w.Shape = ShapeProblem
	case o.Has("title", "detail") && o.Has("correlationid", "source"), o.Has("title") && o.Has("detail"):
		w.Shape = ShapePaycor
	case o.Has("statuscode") && o.Has("message"):
		w.Shape = ShapeGateway
	case o.Has("error"): // {"error":{"code","message"}}
		inner, _ := parseObject(o["error"])
		w.shown = joinText(inner.Text("code"), inner.Text("message"))
	}
	w.Text = w.shown
	// ASP.NET names the value only in "errors", and a problem's type may contain the
	// code.
	if kind := o.Text("type"); kind != "" && kind != "about:blank" && !strings.Contains(kind, "rfc") {
		w.Text += " " + kind
	}
	if inner, ok := parseObject(o["errors"]); ok {
		for _, name := range sortedNames(inner) {
			w.Text += " " + name + " " + strings.Join(texts(inner[name], 3), " ")
		}
	} else {
		w.Text += " " + strings.Join(texts(o["errors"], 4), " ")
	}
	w.Text = strings.TrimSpace(w.Text)
	if w.Shape == ShapeJSON { // unknown names: take all of them
		var all []string
		for _, name := range sortedNames(o) {
			all = append(all, texts(o[name], 3)...)
		}
		w.Text = strings.Join(all, " ")
	}
	return w
}

func joinText(head, rest string) string {
	if head == "" || rest == "" || strings.Contains(rest, head) {
		return head + strings.TrimPrefix(rest, head)
	}
	return head + ": " + rest
}

// mentions reports whether the text contains one of the lower-case phrases.
func (w ErrorText) mentions(phrases ...string) bool {
	text := strings.ToLower(w.Text)
	for _, phrase := range phrases {
		if strings.Contains(text, phrase) {
			return true
		}
	}
	return false
}

// layer returns who wrote an error of this shape.
func (w ErrorText) layer(status int) Layer {
	switch w.Shape {
	case ShapeGateway:
		return LayerGateway
	case ShapeOAuth, ShapePaycor, ShapeProblem:
		return LayerPaycor
	case ShapeEmpty:
		if status < 500 {
			return LayerPaycor // Paycor rejects tokens with an empty body
		}
	}
	return ""
}

// correlationHeaders may carry the ID if the body does not.
var correlationHeaders = []string{"X-Correlation-Id", "Correlation-Id", "X-Request-Id", "Request-Id", "Apim-Request-Id", "X-Ms-Request-Id"}

// correlation returns the ID that Paycor's support asks for, if it looks like an ID
// and contains no secret.
func (w ErrorText) correlation(header http.Header, redactor redact.Redactor) string {
	candidates := []string{w.correlationID}
	for _, name := range correlationHeaders {
		candidates = append(candidates, header.Get(name))
	}
	for _, id := range candidates {
		if id != "" && len(id) <= 100 && strings.Trim(id, idLetters) == "" && redactor.Redact(id) == id {
			return id
		}
	}
	return ""
}

const idLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:|"
