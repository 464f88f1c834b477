package upstream

import (
	"net/http"
	"paycorcred/paycor/redact"
	"strings"
)

// Shape is the form that an error's body has, and tells who wrote it.
type Shape string

// The shapes, in the order in which they are tried.
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

// Wording is what an error's body says. It is as it came, secrets that were
// echoed included: it is for deciding and never for showing.
type Wording struct {
	Shape Shape
	Code  string // the error code of RFC 6749, where there is one
	Text  string // all that is said

	shown         string // the part worth showing, once redacted
	correlationID string
}

// readWording reads the body of an error. It never fails: a body of no known
// form is text.
func readWording(answer Answer) Wording {
	body := trimBody(answer.Body)
	html := strings.Contains(strings.ToLower(answer.Header.Get("Content-Type")), "html")
	object, isObject := parseObject(body)
	switch {
	case len(body) == 0:
		return Wording{Shape: ShapeEmpty}
	case isObject:
		return object.wording(answer.Header)
	case isHTML(body) || html && body[0] == '<':
		return Wording{Shape: ShapeHTML}
	case checkJSON(body) == "":
		text := strings.Join(texts(body, 4), " ")
		return Wording{Shape: ShapeJSON, Text: text}
	}
	return Wording{Shape: ShapeText, Text: string(body), shown: string(body)}
}

// wording tells by the names in the object who wrote it.
func (o Object) wording(header http.Header) Wording {
	w := Wording{
		Shape:         ShapeJSON,
		correlationID: o.Text("correlationid", "activityid", "traceid", "requestid"),
		shown:         joined(o.Text("title"), o.Text("detail", "message", "errormessage", "description", "reason")),
	}
	problem := strings.Contains(strings.ToLower(header.Get("Content-Type")), "problem+json")
	switch code := o.Text("error"); {
	case code != "":
		w.Shape, w.Code = ShapeOAuth, code
		w.shown = joined(code, o.Text("errordescription", "message", "detail"))
	case o.Has("title", "detail") && (problem || o.Has("type", "status", "traceid")):
		w.Shape = ShapeProblem
	case o.Has("title", "detail") && o.Has("correlationid", "source"), o.Has("title") && o.Has("detail"):
		w.Shape = ShapePaycor
	case o.Has("statuscode") && o.Has("message"):
		w.Shape = ShapeGateway
	case o.Has("error"): // {"error":{"code","message"}}
		inner, _ := parseObject(o["error"])
		w.shown = joined(inner.Text("code"), inner.Text("message"))
	}
	w.Text = w.shown
	// ASP.NET says only in "errors" which value it means, and a problem's type
	// may hold the code.
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
	if w.Shape == ShapeJSON { // nobody knows which name holds what matters
		var all []string
		for _, name := range sortedNames(o) {
			all = append(all, texts(o[name], 3)...)
		}
		w.Text = strings.Join(all, " ")
	}
	return w
}

func joined(head, rest string) string {
	if head == "" || rest == "" || strings.Contains(rest, head) {
		return head + strings.TrimPrefix(rest, head)
	}
	return head + ": " + rest
}

// mentions reports whether the text holds one of the phrases, in small letters.
func (w Wording) mentions(phrases ...string) bool {
	text := strings.ToLower(w.Text)
	for _, phrase := range phrases {
		if strings.Contains(text, phrase) {
			return true
		}
	}
	return false
}

// layer tells the party by the shape of what it said.
func (w Wording) layer(status int) Layer {
	switch w.Shape {
	case ShapeGateway:
		return LayerGateway
	case ShapeOAuth, ShapePaycor, ShapeProblem:
		return LayerPaycor
	case ShapeEmpty:
		if status < 500 {
			return LayerPaycor // it refuses tokens without a word
		}
	}
	return ""
}

// correlationHeaders are where the id may stand when the body has none.
var correlationHeaders = []string{"X-Correlation-Id", "Correlation-Id", "X-Request-Id", "Request-Id", "Apim-Request-Id", "X-Ms-Request-Id"}

// correlation returns the id that Paycor's support asks for, if it looks like
// an id and not like something else that ended up in its place.
func (w Wording) correlation(header http.Header, redactor redact.Redactor) string {
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
